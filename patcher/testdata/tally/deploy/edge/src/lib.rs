//! A machine as a shared library.

pub use wire::Machine;

/// Exports the provenance and the size of a batch.
#[macro_export]
macro_rules! export {
    ($machine:ty, $provenance:expr) => {
        /// Length of the provenance.
        #[unsafe(no_mangle)]
        pub extern "C" fn provenance_length() -> usize {
            let machine = <$machine as $crate::Machine>::new();
            $provenance.len() + <$machine as $crate::Machine>::batch(&machine)
        }
    };
}
