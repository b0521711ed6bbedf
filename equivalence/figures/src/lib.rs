//! Figures on joint failure: what diversity is worth, told from which versions failed on which
//! inputs. No protocol is known here, and nothing is run: a table goes in, numbers come out.
//!
//! - [`Failures`]: the table, read from CSV. Everything else is computed from it.
//! - [`clusters`](clusters()): the share of all clusters that have an input on which more members
//!   fail than they tolerate.
//! - [`more_than`]: the chance that this happens on a random input to a random cluster, with an
//!   interval. It is the figure that an operator needs.
//! - [`coincidence`](coincidence()): Knight and Leveson's test of independence.
//! - [`phis`], [`effective_versions`]: correlation of pairs, and what it makes of n versions.
//! - [`eckhardt_lee`], [`littlewood_miller`]: how difficulty that varies over inputs makes versions
//!   fail together, within one population and between two.
//! - [`planted`](planted()): the same chance for one cluster, were a mutant in every member.
//!
//! Sources: J. C. Knight, N. G. Leveson, IEEE TSE 12(1), 1986; D. E. Eckhardt, L. D. Lee, IEEE TSE
//! 11(12), 1985; B. Littlewood, D. R. Miller, IEEE TSE 15(12), 1989.
//!
//! Whatever is drawn at random is decided by a seed (`ChaCha8`), so every figure can be had again.

mod clusters;
mod coincidence;
mod correlation;
mod difficulty;
mod failures;
mod families;
mod joint;
mod planted;
mod question;

pub use clusters::{Clusters, Method, clusters};
pub use coincidence::{Coincidence, coincidence};
pub use correlation::{effective_versions, mean, median, phis};
pub use difficulty::{Difficulty, Forced, eckhardt_lee, littlewood_miller};
pub use failures::{BadRow, Failures, Problem};
pub use families::Families;
pub use joint::{Estimate, more_than};
pub use planted::{Carriers, Planted, planted};
pub use question::{BadQuestion, MOST_REPLICAS, Question};
