//! Prints the reference's component as one version of the whole: `whole COMPONENT`.

use patcher::{Inventory, Project, reference_as_component};
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let name = std::env::args().nth(1).ok_or("name a component")?;
    let project = Project::find(&std::env::current_dir()?)?;
    let inventory = Inventory::read(&project)?;
    let path = inventory.path(&name)?;
    let component = inventory.components.get(&path).ok_or("that is no component slot")?;
    print!("{}", reference_as_component(&project, &inventory, component)?);
    Ok(())
}
