import Events
import Workloads

/// Where a process comes from: those above it, and the person at the start.
package struct Family: Sendable, Equatable {
    /// From the parent's parent upwards: in a container to its first process, of what came in from outside and of all
    /// else to the first of the node.
    package var ancestors: [Relative] = []
    /// First process of the container, where that is not the acting one.
    package var leader: Relative?
    /// The process outside that brought an injected one in.
    package var entrant: Relative?
    package var login = Lineage.Login.nobody
    package var loginName: String?

    package init() {}
}
