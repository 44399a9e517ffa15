//! Before the first secret: no core dumps, no ptrace, umask 077, no surprises from the environment.
/// Hardens the process; what the system refuses is returned as warnings.
pub fn process() -> Vec<String> {
    todo!()
}
