//! System Settings.
