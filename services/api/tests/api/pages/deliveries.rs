//! Deliveries, and an event's story.
