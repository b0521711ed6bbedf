//! Prime's ordering and view change as an abstract machine, explored exhaustively in small scopes.
//!
//! The claim: no two correct servers execute different things at one global sequence number. The
//! crate depends on no other of ours: it is a second reading of the protocol, not a test of code.
//!
//! # What is modelled
//!
//! The ordering protocol of the technical report (CNDS-2009-4, section 4.1) from the Pre-Prepare
//! on, and the view change of section 5.3 as this project changed it. A proposal is an abstract
//! value, another one for each view and number; what is preordered does not appear. A state is the
//! set of messages that were sent ([`View`]) and what each server holds ([`Server`]). Messages are
//! never lost and never needed: at any step, a server may act on any part of what was sent. So
//! delay, loss, reordering and the crash of a server are runs in which it acts late or never.
//!
//! At most one server is faulty. Its votes for everything count as sent; as a leader it proposes
//! two values for each number and every Replay for which there is a proof; its Report and PC-Set
//! hold any certificates that can be put together, and any ARU. What is broadcast reliably is the
//! same for all. Each [`Rules`] switch turns one rule of the view change off.
//!
//! # What must hold
//!
//! [`Broken`] names it: *agreement*; *monotony* (along the numbers, proposals come from no earlier
//! view, as each matrix builds on the one before); no *alarm* (no list holds a prepare certificate
//! of a view above its carried Replay certificate); and *progress*: from the states that are tried,
//! once nobody is faulty but silent, the last view is installed by all and all is executed.
//!
//! # What was reduced, and why nothing is lost
//!
//! - Messages that let others do more and bind nobody are sent at once: partial signatures,
//!   Prepares on a correct leader's proposals and votes on its Replay (`settle`).
//! - A decision is made as soon as it can be, for good while the server stays in the view; in the
//!   last view it is yes. A server executes where a Report names a higher ARU, and otherwise on
//!   leaving a view, where every ARU within reach is a choice (`step`, `leave`).
//! - Views are entered one by one. All vote for the one Replay of a faulty leader that can win;
//!   [`Model::split`] undoes that.
//! - Of the two values of a faulty leader, the one prepared first is called the first. The faulty
//!   server reports as late as it can. Votes that can no longer matter are cleared.
//! - Servers without a part of their own are interchangeable (`symmetry`).
//!
//! [`Model::plain`] undoes the second of these, and the clearing: with one number and two views,
//! where it can be exhausted, and in random runs it comes to the same.
//!
//! # What is not modelled
//!
//! Restarts that forget, checkpoints and state transfer, reliable broadcast itself, whether
//! somebody holds the resolution that a digest names, and that a proposal needs its predecessor:
//! here leaders propose more freely than there. Nothing is said about time.
//!
//! # What came out
//!
//! `cargo run --release -p model -- --numbers M --views V [--faulty ID]`, N = 4: every state was
//! explored, and with all rules on no property breaks. Progress was tried from every 64th state,
//! unless the faulty server leads the last view.
//!
//! | faulty | M = 2, V = 3 | M = 1, V = 4 |
//! |---|---|---|
//! | none | 424 399 states | 595 857 states |
//! | 0 | 2 465 792 | 757 168 |
//! | 1 | 533 208 | 509 699 |
//! | 2 | 320 132 | 622 318 |
//! | 3 | 616 481 | 385 077 |
//!
//! Each took ten seconds to two minutes and less than 400 MB. Random runs, `--random RUNS`, with
//! nobody or any one of servers 0 to 3 faulty: 1 500 000 with N = 6, k = 1, M = 2, V = 3
//! (`--recovering 1`), 1 000 000 with N = 6, k = 1, M = 3, V = 4, and 1 500 000 with N = 4, M = 3,
//! V = 4; progress was tried from each end. Nothing breaks. M = 3, V = 3 was not exhausted: in
//! 3 500 000 states, the first five steps, nothing breaks.
//!
//! The technical report's own view change, `--report`, breaks agreement without a faulty server: an
//! ordered number is lost in one view change (M = 1, V = 2), and, with ordered numbers kept, a
//! number that was executed from a Replay is rebound in the second one (M = 1, V = 3,
//! `--without carry-replay`).
//!
//! | `--without` | breaks | smallest scope found |
//! |---|---|---|
//! | `carry-replay`, `carry-from-commit` | agreement | M = 1, V = 3, no fault |
//! | `keep-ordered` | agreement | M = 1, V = 2, no fault |
//! | `install-first` | agreement | M = 1, V = 2, no fault |
//! | `no-stale-votes` | agreement | M = 1, V = 2, no fault |
//! | `sign-resolution` | agreement | M = 1, V = 3, the leader of view 1 faulty |
//! | `keep-resolved` | agreement | M = 2, V = 3, no fault |
//! | `only-carried-view` | monotony | M = 2, V = 3, no fault |
//! | `own-execution` | progress | M = 1, V = 2, one fault |
//! | `base-of-carried` | nothing | |
//! | `carry-from-install` | nothing | |
//!
//! For the last two the scopes are M = 2, V = 3, exhausted with nobody or any server faulty; there
//! `only-carried-view` does not break agreement either (`--no-monotony`). Rules were switched off
//! one at a time only.
//!
//! `base-of-carried` is implied: Q servers signed the carried list, each having executed what its
//! members report, and any later list holds a correct one of them, whose own Report says no less.
//! `carry-from-install` is, too: any later list holds a correct server that sent the Replay-Commit.
//! Both rules are kept: they cost nothing and make each Report safe by itself.

mod action;
mod explore;
mod heal;
mod leave;
mod model;
mod property;
mod resolve;
mod rules;
mod scope;
mod settle;
mod state;
mod step;
mod symmetry;
mod table;
mod tally;
mod walk;

pub use action::{Action, value_name};
pub use explore::{Limits, Outcome, explore};
pub use model::Model;
pub use property::Broken;
pub use rules::Rules;
pub use scope::{LISTS, NUMBERS, SERVERS, Scope, VIEWS};
pub use state::{Phase, Report, Resolution, Server, State, Value, View};
pub use tally::Tally;
pub use walk::{Walks, walk};
