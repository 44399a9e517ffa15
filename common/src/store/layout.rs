//! Every file name and mode of the store, as pure functions.
