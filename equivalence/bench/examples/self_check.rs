//! The bench on the reference, three times under other names: a benchmark, and a check of the
//! reference against its oracles.

fn main() -> std::process::ExitCode {
    let mut registry = bench::Registry::default();
    macro_rules! again {
        ($($slot:ident)*) => {
            $(for name in ["again", "once_more"] {
                registry.pre_order.$slot.push((name, prime::pre_order::$slot));
            })*
        };
    }
    again!(
        adopt advance_aru certificate content covers has_news last_matrix make_po_acks make_po_aru
        make_po_request make_proof_matrix merge_row on_po_acks on_po_aru on_po_aru_conflict
        on_po_request on_po_request_conflict on_proof_matrix on_update recover recover_content
        recover_promises relation resume retire retransmit
    );
    bench::main(&registry)
}
