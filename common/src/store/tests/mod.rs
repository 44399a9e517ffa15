//! The four moves, from every state a store can be in, on disk and in memory at once: plans are
//! all a store needs, so a map of bytes that applies them must agree with the directory.

mod disk;
mod moves;
mod world;

use world::{Bench, NOW, operation, verified};
