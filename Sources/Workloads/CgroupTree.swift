import Events
import Foundation

/// Which cgroup has which id: read once, then followed by what the kernel tells.
package final class CgroupTree {
    package struct Node: Sendable, Equatable {
        package var parent: UInt64
        package var path: String
        /// It stood when the tree was first read, and nobody has said since that it was made.
        package var old: Bool
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
    @discardableResult
    package func read(old: Bool = false) -> [UInt64] {
        var added: [UInt64] = []
        visit(Array(hierarchy.mountPoint.utf8), path: hierarchy.root, parent: 0, old: old, depth: 0, added: &added)
        return added
    }

    /// Deepest nesting that is followed; the kernel allows any, systemd and runtimes stay under 12.
    private static let depthLimit = 128

    /// Names may be of any bytes; their text is what the kernel half's news of them would be decoded to.
    private func visit(
        _ directory: [UInt8], path: String, parent: UInt64, old: Bool, depth: Int, added: inout [UInt64]
    ) {
        guard let status = Files.directoryStatus(directory) else { return }
        let id = Self.id(status)
        if nodes[id] == nil, removed[id] == nil {
            insert(id, Node(parent: parent, path: path, old: old))
            added.append(id)
        }
        // Every child directory is one hard link, "." and the parent's entry are two more.
        guard depth < Self.depthLimit, status.st_nlink != 2 else { return }
        for name in Files.directories(in: directory) {
            let text = decodeText(name).text
            visit(
                directory + [UInt8(ascii: "/")] + name, path: path == "/" ? "/" + text : path + "/" + text, parent: id,
                old: old, depth: depth + 1, added: &added)
        }
    }

    /// A directory's inode number is the cgroup's id where ino_t has 64 bits (kernfs_ino()).
    private static func id(_ status: stat) -> UInt64 { UInt64(status.st_ino) }

    private func insert(_ id: UInt64, _ node: Node) {
        nodes[id] = node
        children[node.parent, default: []].insert(id)
    }

    package func change(_ change: CgroupChange) {
        switch change.action {
        case .made:
            removed[change.id] = nil
            if let known = nodes[change.id] { children[known.parent]?.remove(change.id) }
            insert(change.id, Node(parent: change.parent, path: change.path, old: false))
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
                insert(change.id, Node(parent: change.parent, path: change.path, old: false))
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
        while chain.count < Self.depthLimit, let node = node(next) {
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
        while index < found.count {
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
