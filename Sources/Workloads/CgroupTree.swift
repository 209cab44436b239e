import Events
import Foundation

/// Which cgroup has which id: read once, then followed by what the kernel tells.
package final class CgroupTree {
    package struct Node: Sendable, Equatable {
        package var parent: UInt64
        package var path: String
        /// It stood when the tree was first read, and nobody has said since that it was made.
        package var old: Bool
        /// How many are above it.
        package var depth = 0
    }

    package let hierarchy: Hierarchy
    private var nodes: [UInt64: Node] = [:]
    private var children: [UInt64: Set<UInt64>] = [:]
    /// Removed ones are still asked for: records of their last acts are behind the news of the removal.
    private var removed: [UInt64: Node] = [:]
    /// In the order of their removal, and when the news of it came; what is before `firstRemoval` is forgotten.
    private var removals: [(id: UInt64, time: UInt64)] = []
    private var firstRemoval = 0
    package static let removedCapacity = 4096
    /// Nanoseconds: twice the longest that an act may wait for its identity.
    package static let removedMemory: UInt64 = 10_000_000_000

    package init(_ hierarchy: Hierarchy) {
        self.hierarchy = hierarchy
        read(old: true)
    }

    /// Reads the tree again and adds what is missing. Returns the ids that were added.
    ///
    /// Each directory is opened from the one above: a path may be longer than the kernel takes, and the tree deeper than
    /// there are descriptors.
    @discardableResult
    package func read(old: Bool = false) -> [UInt64] {
        var added: [UInt64] = []
        var directory = open(hierarchy.mountPoint, Self.openFlags)
        guard directory >= 0 else { return [] }
        defer { close(directory) }
        func step(to name: [UInt8]) -> Bool {
            let next = openat(directory, Files.terminated(name), Self.openFlags | O_NOFOLLOW)
            guard next >= 0 else { return false }
            close(directory)
            directory = next
            return true
        }
        guard let top = note(directory, name: nil, parent: 0, old: old, &added) else { return [] }
        // From the top to where we are, each with what is left to be looked into below it.
        var way = [(id: top, left: Self.names(below: directory))]
        while let name = way[way.count - 1].left.popLast() ?? (way.count > 1 ? Self.above : nil) {
            guard step(to: name) else {
                // Gone meanwhile. Without a way back, the next time will find the rest.
                if name == Self.above { break }
                continue
            }
            if name == Self.above {
                way.removeLast()
            } else if let id = note(directory, name: name, parent: way[way.count - 1].id, old: old, &added) {
                way.append((id, Self.names(below: directory)))
            } else {
                break
            }
        }
        return added
    }

    private static let openFlags = O_RDONLY | O_DIRECTORY | O_CLOEXEC

    private static let above = Array("..".utf8)

    /// Every child directory is one hard link, "." and the parent's entry are two more.
    private static func names(below directory: Int32) -> [[UInt8]] {
        var status = stat()
        guard fstat(directory, &status) == 0, status.st_nlink != 2 else { return [] }
        return Files.directories(in: directory)
    }

    /// Adds the cgroup of an open directory; `name` is nil for the top. Names may be of any bytes; their text is what the
    /// kernel half's news of them would be decoded to.
    private func note(_ directory: Int32, name: [UInt8]?, parent: UInt64, old: Bool, _ added: inout [UInt64])
        -> UInt64?
    {
        var status = stat()
        guard fstat(directory, &status) == 0 else { return nil }
        let id = Self.id(status)
        if nodes[id] == nil, removed[id] == nil {
            let above = nodes[parent]?.path ?? ""
            let path = name.map { (above == "/" ? "" : above) + "/" + decodeText($0).text }
            insert(id, parent: parent, path: path ?? hierarchy.root, old: old)
            added.append(id)
        }
        return id
    }

    /// A directory's inode number is the cgroup's id where ino_t has 64 bits (kernfs_ino()).
    private static func id(_ status: stat) -> UInt64 { UInt64(status.st_ino) }

    /// Deepest nesting that is told apart; the kernel allows any, systemd and runtimes stay under 12. What is deeper counts
    /// as right below the deepest, and as called like it: whoever nests cgroups neither escapes its workload nor fills memory.
    static let depthLimit = 128

    private func insert(_ id: UInt64, parent: UInt64, path: String, old: Bool) {
        guard id != parent else { return }
        var node = Node(parent: parent, path: path, old: old, depth: 0)
        if let above = self.node(parent) {
            node.depth = min(above.depth + 1, Self.depthLimit + 1)
            if node.depth > Self.depthLimit {
                node.path = above.path
                if above.depth > Self.depthLimit { node.parent = above.parent }
            }
        }
        nodes[id] = node
        children[node.parent, default: []].insert(id)
    }

    package func change(_ change: CgroupChange) {
        switch change.action {
        case .made:
            removed[change.id] = nil
            if let known = nodes[change.id] { children[known.parent]?.remove(change.id) }
            insert(change.id, parent: change.parent, path: change.path, old: false)
        case .removed:
            let node =
                nodes.removeValue(forKey: change.id)
                ?? Node(parent: change.parent, path: change.path, old: false)
            children[node.parent]?.remove(change.id)
            if children[node.parent]?.isEmpty == true { children[node.parent] = nil }
            children[change.id] = nil
            remember(change.id, node)
        case .renamed:
            guard let known = nodes[change.id] else {
                insert(change.id, parent: change.parent, path: change.path, old: false)
                return
            }
            rename(change.id, from: known.path, to: change.path)
        }
    }

    private func rename(_ id: UInt64, from old: String, to new: String) {
        guard let path = nodes[id]?.path, path == old || path.hasPrefix(old + "/") else { return }
        nodes[id]?.path = new + path.dropFirst(old.count)
        for child in children[id] ?? [] { rename(child, from: old, to: new) }
    }

    private func remember(_ id: UInt64, _ node: Node) {
        removed[id] = node
        removals.append((id, Resolver.clock()))
    }

    /// Forgets removed ones that are too many, or were removed too long ago; returns them.
    func forgetRemoved(now: UInt64) -> [UInt64] {
        var forgotten: [UInt64] = []
        while firstRemoval < removals.count {
            let (id, time) = removals[firstRemoval]
            guard removals.count - firstRemoval > Self.removedCapacity || now > time + Self.removedMemory else { break }
            firstRemoval += 1
            if removed.removeValue(forKey: id) != nil { forgotten.append(id) }
        }
        if firstRemoval > Self.removedCapacity || firstRemoval == removals.count {
            removals.removeFirst(firstRemoval)
            firstRemoval = 0
        }
        return forgotten
    }

    package func node(_ id: UInt64) -> Node? { nodes[id] ?? removed[id] }
    package func path(of id: UInt64) -> String? { node(id)?.path }
    package func exists(_ id: UInt64) -> Bool { nodes[id] != nil }
    package var ids: Dictionary<UInt64, Node>.Keys { nodes.keys }

    /// From the cgroup itself up to the top, as far as it is known.
    package func lineage(of id: UInt64) -> [UInt64] {
        var chain: [UInt64] = []
        var next = id
        while chain.count < Self.depthLimit + 2, let node = node(next) {
            chain.append(next)
            if node.parent == 0 { break }
            next = node.parent
        }
        return chain
    }

    /// Everything that stands below a cgroup, itself first.
    package func subtree(of id: UInt64) -> [UInt64] {
        var found = [id]
        var index = 0
        // News that contradict each other make a ring at worst.
        while index < found.count, found.count <= nodes.count {
            found.append(contentsOf: children[found[index]] ?? [])
            index += 1
        }
        return found
    }

    /// Host pids in a cgroup, without those below it.
    package func processes(in id: UInt64) -> [UInt32] {
        guard let directory = directory(of: id), let bytes = try? Files.read(directory + Array("/cgroup.procs".utf8))
        else { return [] }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").compactMap { UInt32($0) }
    }

    /// Where a cgroup lies, as bytes. Where its path is none of UTF-8, it is looked for by its number.
    private func directory(of id: UInt64) -> [UInt8]? {
        guard let node = nodes[id] else { return nil }
        if let path = hierarchy.directory(of: node.path), case let bytes = Array(path.utf8),
            Files.directoryStatus(bytes).map(Self.id) == id
        {
            return bytes
        }
        guard node.parent != 0, let above = directory(of: node.parent) else { return nil }
        return Files.directories(in: above).lazy.map { above + [UInt8(ascii: "/")] + $0 }
            .first { Files.directoryStatus($0).map(Self.id) == id }
    }
}
