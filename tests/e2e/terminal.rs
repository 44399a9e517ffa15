//! The same at a real terminal.
