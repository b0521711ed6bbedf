//! The filter of system calls: no socket and no other process.
//!
//! Whoever tries either is killed, so that the attempt shows. Calls by which a program could reach
//! other processes or the kernel's inner parts, and which no program of ours makes, fail as if the
//! kernel did not know them; so does the newer call for threads, whose flags a filter cannot see,
//! whereupon libraries take the older one.

use super::support::SECCOMP;
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, TargetArch, apply_filter,
};
use std::collections::BTreeMap;

/// What may be refused without ending the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Forgiven {
    /// Sockets.
    Network,
    /// Processes.
    Processes,
    /// Processes are not even refused, nor is what libraries do for them: compilers start linkers.
    Linkers,
}

impl Forgiven {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Network => "network",
            Self::Processes => "processes",
            Self::Linkers => "linkers",
        }
    }
}

type Rules = BTreeMap<i64, Vec<SeccompRule>>;

/// Puts the filters on. Threads and programs that follow have them too.
pub(super) fn restrict(forgive: &[Forgiven]) -> Result<(), &'static str> {
    let refuse = SeccompAction::Errno(errno(libc::EPERM));
    let action = |kind| match forgive.contains(&kind) {
        true => refuse.clone(),
        false => SeccompAction::KillProcess,
    };
    apply(network(), action(Forgiven::Network))?;
    if !forgive.contains(&Forgiven::Linkers) {
        apply(processes().ok_or(SECCOMP)?, action(Forgiven::Processes))?;
        apply(unknown(), SeccompAction::Errno(errno(libc::ENOSYS)))?;
    }
    Ok(())
}

fn errno(number: i32) -> u32 {
    u32::try_from(number).unwrap_or_default()
}

fn apply(rules: Rules, action: SeccompAction) -> Result<(), &'static str> {
    let arch = TargetArch::try_from(std::env::consts::ARCH).map_err(|_| SECCOMP)?;
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, action, arch);
    let program: BpfProgram = filter.and_then(TryInto::try_into).map_err(|_| SECCOMP)?;
    apply_filter(&program).map_err(|_| SECCOMP)
}

/// Calls, whatever their arguments.
fn whole(calls: &[libc::c_long]) -> Rules {
    calls.iter().map(|call| (*call, Vec::new())).collect()
}

/// The ways to a socket.
fn network() -> Rules {
    whole(&[libc::SYS_socket, libc::SYS_io_uring_setup])
}

/// The ways to another process, and the pair of sockets by which the standard library talks to one
/// before it runs; a thread is none.
fn processes() -> Option<Rules> {
    let mut rules = whole(&[libc::SYS_socketpair]);
    #[cfg(target_arch = "x86_64")]
    rules.extend(whole(&[libc::SYS_fork, libc::SYS_vfork]));
    let thread = u64::try_from(libc::CLONE_THREAD).ok()?;
    let no_thread =
        SeccompCondition::new(0, SeccompCmpArgLen::Qword, SeccompCmpOp::MaskedEq(thread), 0);
    rules.insert(libc::SYS_clone, vec![SeccompRule::new(vec![no_thread.ok()?]).ok()?]);
    Some(rules)
}

/// What no program of ours calls.
fn unknown() -> Rules {
    whole(&[
        libc::SYS_add_key,
        libc::SYS_bpf,
        libc::SYS_clone3,
        libc::SYS_delete_module,
        libc::SYS_finit_module,
        libc::SYS_init_module,
        libc::SYS_kexec_load,
        libc::SYS_keyctl,
        libc::SYS_kill,
        libc::SYS_mount,
        libc::SYS_open_by_handle_at,
        libc::SYS_perf_event_open,
        libc::SYS_pidfd_open,
        libc::SYS_pivot_root,
        libc::SYS_process_vm_readv,
        libc::SYS_process_vm_writev,
        libc::SYS_ptrace,
        libc::SYS_reboot,
        libc::SYS_request_key,
        libc::SYS_rt_sigqueueinfo,
        libc::SYS_setns,
        libc::SYS_tkill,
        libc::SYS_umount2,
        libc::SYS_unshare,
        libc::SYS_userfaultfd,
    ])
}
