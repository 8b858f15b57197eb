//! Webhook endpoints.
