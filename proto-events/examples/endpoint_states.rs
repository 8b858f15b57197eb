//! Writes the diagram in `docs/endpoint-states.md` anew
//! (`cargo run -p proto-events --example endpoint_states`).

use std::path::Path;

const BEGINS: &str = "```mermaid\n";
const ENDS: &str = "```\n";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/endpoint-states.md");
    let text = std::fs::read_to_string(&page)?;
    let (before, rest) = text.split_once(BEGINS).ok_or("the page has no diagram")?;
    let (_, after) = rest.split_once(ENDS).ok_or("the diagram has no end")?;
    let diagram = proto_events::endpoint::diagram();
    std::fs::write(page, format!("{before}{BEGINS}{diagram}{ENDS}{after}"))?;
    Ok(())
}
