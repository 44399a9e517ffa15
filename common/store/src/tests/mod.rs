//! The four moves, from every state a store can be in. They are applied to a map of bytes, which
//! is all a plan needs; and to a directory, which must agree with the map.

mod disk;
mod generations;
mod moves;
mod world;

use world::{Bench, NOW, operation, verified};
