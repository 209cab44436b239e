/// How a process came to be where it acts.
package enum Origin: String, Sendable, CaseIterable, Codable {
    /// The first program of a container, started by its runtime.
    case entrypoint
    /// Started by a process of the same workload.
    case child
    /// Entered a running container from outside: exec session, nsenter.
    case injected
    /// Not in a container.
    case host
}
