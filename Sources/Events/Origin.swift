/// How a process came to be where it acts.
package enum Origin: String, Sendable, CaseIterable, Codable {
    /// The first program of a container, started by its runtime.
    case entrypoint
    /// Started by a process of the same workload.
    case child
    /// Entered a running container from outside: exec session, nsenter.
    case injected
    /// Run in a container by its runtime at a regular beat, and by nobody who logged in: a health check.
    case probe
    /// Not in a container.
    case host
}
