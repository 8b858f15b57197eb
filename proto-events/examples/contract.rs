//! Writes the generated documents to `proto-events/schemas/` (`./dev contract`).

use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas");
    std::fs::create_dir_all(&folder)?;
    for (name, text) in proto_events::contract::documents()? {
        std::fs::write(folder.join(name), text)?;
    }
    Ok(())
}
