/// A socket on which an engine answers questions about its containers.
package struct EngineSocket: Sendable, Hashable {
    package enum Language: String, Sendable {
        case docker, podman, cri
    }
    package var language: Language
    package var path: String

    package init(_ language: Language, _ path: String) {
        self.language = language
        self.path = path
    }
}

/// What an engine says of one container that runs.
package struct EngineReport: Sendable, Equatable {
    package var facts: ContainerFacts
    /// First process in the host's pid namespace.
    package var pid: UInt32?
    /// As the engine wrote it, perhaps seen from a cgroup namespace of its own.
    package var cgroupPath: String?
    /// Whose engine it is: only the root user's is believed about cgroups that are not the user's own.
    package var user: UInt32

    package init(facts: ContainerFacts, pid: UInt32?, cgroupPath: String?, user: UInt32) {
        self.facts = facts
        // Before it waits to be taken.
        self.facts.bound()
        self.pid = pid
        self.cgroupPath = cgroupPath
        self.user = user
    }

    /// The end of the path of the cgroup that a bundle asks for: `/a/b`, or `slice:prefix:name` for systemd.
    package static func cgroupPath(asked path: String) -> String { Bundle.cgroupPath(asked: path) }
}

package enum EngineNews: Sendable, Equatable {
    case runs(EngineReport)
    /// Nanoseconds since the epoch.
    case ended(id: String, at: Int64, user: UInt32)
    /// The cluster has listed the pods of this node, or does not answer any more.
    case pods(PodList)
}

/// Engines that are asked in the background. No call waits for an answer.
package protocol Engines: Sendable {
    /// A socket to try, now or whenever it appears.
    func know(_ socket: EngineSocket)
    /// Asks those that may know the container.
    func ask(_ id: String, runtime: String)
    /// Asks the cluster for the node's pods: one has come that it has not told of.
    func askForPods()
    /// What was said since the last call, in its order; bounded.
    func take() -> [EngineNews]
}
