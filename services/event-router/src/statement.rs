//! How many rows go into one statement.

/// How large the bodies in one statement may be together (bytes); one that is larger goes alone.
const SIZE: usize = 8 * 1024 * 1024;

/// Rows in groups for one statement each, whose bodies are not too large together.
pub(crate) fn groups<T>(rows: &[T], size_of: impl Fn(&T) -> usize) -> impl Iterator<Item = &[T]> {
    let mut size = 0;
    rows.chunk_by(move |row, next| {
        size += size_of(row);
        let fits = size + size_of(next) <= SIZE;
        if !fits {
            size = 0;
        }
        fits
    })
}
