//! The planted bug at work: under equal replicas, and under one of the mixture.

use super::Demo;
use super::build::Programs;
use super::planting::Planted;
use super::probe::{Probe, TRIGGER, ordinary, put};
use super::stage::{Up, last_words};
use super::working::{load, settled};
use crate::commands::bench::describe;
use crate::exit::{ExitCode, Failure, Result};
use cluster::Exit;
use layout::Cluster;
use std::path::PathBuf;
use std::time::Duration;
use wire::{ReplicaId, View};

/// What came of the equal replicas.
pub(super) struct Equal {
    pub(super) died: usize,
    pub(super) updates_before: u64,
    pub(super) updates_submitted_after: u64,
    pub(super) updates_after: u64,
}

impl Equal {
    pub(super) fn survived(&self) -> bool {
        self.updates_after > 0
    }
}

/// What came of the mixture.
pub(super) struct Mixed {
    pub(super) dir: PathBuf,
    /// Of view 0, which stays.
    pub(super) leader: ReplicaId,
    /// The first replica that died.
    pub(super) exit: Exit,
    pub(super) died: usize,
    pub(super) updates_before: u64,
    pub(super) updates_after: u64,
}

impl Mixed {
    pub(super) fn survived(&self) -> bool {
        self.updates_after >= ENOUGH
    }
}

/// Ordinary updates before the trigger, to see that the cluster works, and after it.
const ORDINARY: u32 = 100;

/// Updates after the trigger with which the mixture is taken to go on.
const ENOUGH: u64 = 1000;

/// How often the load is made until there are enough.
const ROUNDS: usize = 4;

/// How long ordinary updates may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long replicas are given to die of the trigger.
const DEATH: Duration = Duration::from_secs(10);

/// How often the trigger is sent: each time by way of another replica.
const TRIGGERS: u32 = 12;

/// Four equal replicas get the trigger.
pub(super) fn equal(demo: &Demo<'_>, built: &Programs) -> Result<Equal> {
    let mut up = demo.stage.up("equal", vec![built.planted.path.clone()], false, None)?;
    let all = up.running();
    let before = works(&mut up, "bench-1")?;
    // Connected before the trigger, and with no update of its own that could be waited for.
    let bystander = Probe::connect(&up.dir, "bench-2")?;
    let culprit = Probe::connect(&up.dir, "kv")?;
    let trigger = put("demo/trigger", TRIGGER)?;
    culprit.answered(vec![trigger], Duration::from_millis(200));
    let exits = up.exits(all, DEATH)?;
    if exits.is_empty() {
        return Err(unreached(demo, "four equal replicas"));
    }
    for exit in &exits {
        demo.say(last_words(exit));
    }
    let after = bystander.answered(ordinary(ORDINARY)?, PATIENCE);
    demo.say(format!(
        "{} of {all} equal replicas are dead; of {ORDINARY} updates submitted afterwards {after} \
         were answered within {} s ({before} before)",
        exits.len(),
        PATIENCE.as_secs()
    ));
    Ok(Equal {
        died: exits.len(),
        updates_before: before,
        updates_submitted_after: ORDINARY.into(),
        updates_after: after,
    })
}

/// The mixture, with the planted version in one replica, gets the trigger.
pub(super) fn mixed(demo: &Demo<'_>, planted: &Planted, built: &Programs) -> Result<Mixed> {
    let mut programs = built.mixed_paths();
    for (program, replica) in programs.iter_mut().zip(&planted.plan.replicas) {
        if replica.id == planted.replica {
            program.clone_from(&built.planted.path);
        }
    }
    let id = ReplicaId(u16::try_from(planted.replica).unwrap_or_default());
    let mut up = demo.stage.up("planted-mixed", programs, true, Some(id))?;
    let leader = Cluster::read(&up.dir)?.config.leader_of(View(0));
    if planted.replica == 1 {
        demo.say(format!(
            "replica {leader} leads here instead of replica 1: leaders are not monitored here, and \
             a dead one would stop any cluster"
        ));
    }
    let before = works(&mut up, "bench-2")?;
    let mut exits = pull(&mut up)?;
    let Some(exit) = exits.first().cloned() else {
        return Err(unreached(demo, &format!("replica {} of the mixture", planted.replica)));
    };
    demo.say(last_words(&exit));
    let mut after = 0;
    for _ in 0..ROUNDS {
        let measured = load(demo, &up.dir)?;
        demo.say(describe(&measured));
        exits.extend(up.exits(usize::MAX, Duration::ZERO)?);
        after += measured.updates;
        if after >= ENOUGH || measured.updates == 0 {
            break;
        }
    }
    settled(&up.dir)?;
    exits.extend(up.exits(usize::MAX, Duration::ZERO)?);
    demo.say(format!(
        "{} of {} replicas is dead; {after} updates were committed after the trigger",
        exits.len(),
        planted.plan.replicas.len()
    ));
    let dir = up.dir.clone();
    let died = exits.len();
    Ok(Mixed { dir, leader, exit, died, updates_before: before, updates_after: after })
}

/// A slot can carry updates and yet be of no use in a cluster where all goes well.
fn unreached(demo: &Demo<'_>, who: &str) -> Failure {
    Failure::usage(format!(
        "--plant-slot {}: the trigger was sent and did not pass through it at {who}: choose \
         another slot",
        demo.arguments.plant_slot
    ))
}

/// Sends the trigger, by way of one replica after the other, until one dies.
fn pull(up: &mut Up) -> Result<Vec<Exit>> {
    let culprit = Probe::connect(&up.dir, "kv")?;
    for number in 0..TRIGGERS {
        let trigger = put(&format!("demo/trigger/{number}"), TRIGGER)?;
        culprit.answered(vec![trigger], PATIENCE);
        let exits = up.exits(1, Duration::from_millis(500))?;
        if !exits.is_empty() {
            return Ok(exits);
        }
    }
    Ok(Vec::new())
}

/// How many ordinary updates a fresh cluster answers: all, or something else is wrong.
fn works(up: &mut Up, client: &str) -> Result<u64> {
    let answered = Probe::connect(&up.dir, client)?.answered(ordinary(ORDINARY)?, 2 * PATIENCE);
    up.all_live()?;
    if answered < u64::from(ORDINARY) {
        return Err(Failure::new(
            ExitCode::LivenessLost,
            format!(
                "{}: of {ORDINARY} updates before the trigger only {answered} were answered",
                up.dir.display()
            ),
        ));
    }
    Ok(answered)
}
