import Foundation
import Workloads

/// The cgroup by which the processes of an instance are frozen or killed together: those of nobody else.
///
/// It names the cgroup for as long as the node runs, also for a later monitor.
package struct Hold: Codable, Hashable, Sendable {
    package enum Kind: String, Codable, Sendable {
        /// Of cgroup2, where each cgroup can be frozen.
        case unified
        /// Of the freezer's own hierarchy, on hosts without cgroup2.
        case freezer
    }

    package let kind: Kind
    /// From the root of its hierarchy.
    package let cgroup: String
    package let directory: String
    /// A path is used again, this number is not.
    package let inode: UInt64

    /// `cgroup`: the topmost one of an instance, by its path from the hierarchy's root and its id.
    ///
    /// Throws where it holds more than the instance may lose: the whole node, its first process, or this one.
    package init(of cgroup: String, id: UInt64, in hierarchy: Hierarchy) throws(ActionError) {
        try Self.guardNode(cgroup, in: hierarchy)
        guard let directory = hierarchy.directory(of: cgroup), Self.inode(of: directory) == id else {
            throw ActionError("cgroup \(cgroup) is gone")
        }
        guard hierarchy.version == .v1 else {
            (kind, self.cgroup, self.directory, inode) = (.unified, cgroup, directory, id)
            return
        }
        let freezer = try Self.freezer()
        let members = Processes(below: cgroup, in: hierarchy)
        guard let path = try Self.place(of: members, in: freezer), let place = freezer.directory(of: path),
            let number = Self.inode(of: place)
        else { throw ActionError("cgroup \(cgroup) has no processes") }
        // In this order: one that ends meanwhile is in neither.
        let others = Processes(below: path, in: freezer).pids.subtracting(members.pids).filter {
            !Processes.is($0, below: cgroup, in: hierarchy) && Processes.is($0, below: path, in: freezer)
        }
        guard others.isEmpty else {
            throw ActionError("the freezer's cgroup \(path) holds others than those of \(cgroup)")
        }
        (kind, self.cgroup, self.directory, inode) = (.freezer, path, place, number)
    }

    /// The one cgroup of the freezer's hierarchy that all of them are in; nil where there are none.
    private static func place(of members: Processes, in freezer: Hierarchy) throws(ActionError) -> String? {
        let paths = Set(members.pids.compactMap { freezer.cgroup(ofProcess: $0) })
        guard let path = paths.min() else { return nil }
        guard paths.allSatisfy({ $0 == path || $0.hasPrefix(path + "/") }) else {
            throw ActionError("its processes are in \(paths.count) cgroups of the freezer")
        }
        try guardNode(path, in: freezer)
        return path
    }

    private static func freezer() throws(ActionError) -> Hierarchy {
        guard let freezer = Hierarchy.legacy("freezer") else {
            throw ActionError("no freezer: mount cgroup2, or the freezer's hierarchy")
        }
        return freezer
    }

    private static func guardNode(_ cgroup: String, in hierarchy: Hierarchy) throws(ActionError) {
        guard cgroup != "/", !cgroup.isEmpty else { throw ActionError("the root cgroup holds the whole node") }
        for (pid, who) in [(UInt32(getpid()), "the monitor"), (1, "the node's first process")] {
            guard let other = hierarchy.cgroup(ofProcess: pid) else { continue }
            if other == cgroup || other.hasPrefix(cgroup + "/") { throw ActionError("cgroup \(cgroup) holds \(who)") }
        }
    }

    var hierarchy: Hierarchy? { kind == .unified ? try? Hierarchy.current() : Hierarchy.legacy("freezer") }

    /// Whether it is still there.
    package var exists: Bool { Self.inode(of: directory) == inode }

    private static func inode(of directory: String) -> UInt64? {
        var status = stat()
        return stat(directory, &status) == 0 ? UInt64(status.st_ino) : nil
    }
}

/// The processes at a cgroup and below, by what /proc says of each: no tree is too deep for that.
struct Processes {
    let pids: Set<UInt32>

    init(below cgroup: String, in hierarchy: Hierarchy) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        pids = Set(names.lazy.compactMap { UInt32($0) }.filter { Self.is($0, below: cgroup, in: hierarchy) })
    }

    static func `is`(_ pid: UInt32, below cgroup: String, in hierarchy: Hierarchy) -> Bool {
        guard let path = hierarchy.cgroup(ofProcess: pid) else { return false }
        return path == cgroup || path.hasPrefix(cgroup + "/")
    }
}
