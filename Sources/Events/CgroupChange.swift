/// The tree of cgroups changed.
package struct CgroupChange: Sendable, Equatable {
    package enum Action: Sendable, Equatable { case made, removed, renamed }

    package var action: Action
    /// Nanoseconds since boot.
    package var time: UInt64
    package var id: UInt64
    package var parent: UInt64
    /// Absolute, from the root of the hierarchy; after a rename the new one.
    package var path: String
    /// Who did it; of `made` with paths, otherwise without.
    package var actor: Actor

    package init(action: Action, time: UInt64, id: UInt64, parent: UInt64, path: String, actor: Actor) {
        self.action = action
        self.time = time
        self.id = id
        self.parent = parent
        self.path = path
        self.actor = actor
    }
}
