//! Writes the document that describes the API to `services/api/openapi.json` (`./dev contract`).

use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json");
    let text = serde_json::to_string_pretty(&api::openapi::document())?;
    std::fs::write(path, text + "\n")?;
    Ok(())
}
