//! The three spellings of a distinguished name, as text to attribute lists.
