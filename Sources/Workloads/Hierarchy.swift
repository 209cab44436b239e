import Events
import Foundation

/// The cgroup hierarchy whose cgroups tell workloads apart.
package struct Hierarchy: Sendable, Equatable {
    package enum Version: String, Sendable {
        /// cgroup2 alone.
        case v2
        /// cgroup2 beside v1 controllers; cgroup2 identifies.
        case hybrid
        case v1
    }

    package var version: Version
    /// Where it is mounted, as this process sees it.
    package var mountPoint: String
    /// The cgroup that the mount shows as its top, from the root of the hierarchy: `/` but for partial mounts.
    package var root: String
    /// Of v1 alone: the controller whose hierarchy it is.
    package var controller: String?

    package init(version: Version, mountPoint: String, root: String = "/", controller: String? = nil) {
        self.version = version
        self.mountPoint = mountPoint
        self.root = root
        self.controller = controller
    }

    package enum Failure: Error, Equatable, CustomStringConvertible {
        case notMounted
        case unreadable(String)

        package var description: String {
            switch self {
            case .notMounted: "no cgroup hierarchy is mounted: mount one, as with mount -t cgroup2 none /sys/fs/cgroup"
            case .unreadable(let reason): "cannot read /proc/self/mountinfo: \(reason); mount /proc"
            }
        }
    }

    /// Looks through the mounts of this process.
    package static func current() throws(Failure) -> Hierarchy {
        let bytes: [UInt8]
        do throws(Files.Failure) {
            bytes = try Files.read("/proc/self/mountinfo", limit: 64 << 20)
        } catch {
            switch error {
            case .missing: throw .unreadable("no such file")
            case .unusable(let reason): throw .unreadable(reason)
            }
        }
        guard let found = Hierarchy(mountinfo: String(decoding: bytes, as: UTF8.self)) else { throw .notMounted }
        return found
    }

    /// That of one v1 controller, whatever else is mounted; nil where it is not.
    package static func legacy(_ controller: String) -> Hierarchy? {
        guard let bytes = try? Files.read("/proc/self/mountinfo", limit: 64 << 20) else { return nil }
        let mounts = mounts(in: String(decoding: bytes, as: UTF8.self)).legacy
        return best(mounts.filter { $0.options.contains(controller[...]) }).map {
            Hierarchy(version: .v1, mountPoint: $0.point, root: $0.root, controller: controller)
        }
    }

    /// v1 controllers by how surely every runtime makes a cgroup there; systemd's own hierarchy holds no controller.
    private static let controllers = [
        "pids", "memory", "devices", "cpu", "cpuacct", "freezer", "blkio", "name=systemd",
    ]

    /// Nil where no hierarchy is mounted. The format is proc_pid_mountinfo(5).
    package init?(mountinfo: String) {
        let (unified, legacy) = Self.mounts(in: mountinfo)
        if let mount = Self.best(unified) {
            self.init(version: legacy.isEmpty ? .v2 : .hybrid, mountPoint: mount.point, root: mount.root)
            return
        }
        for controller in Self.controllers {
            if let mount = Self.best(legacy.filter({ $0.options.contains(controller[...]) })) {
                self.init(version: .v1, mountPoint: mount.point, root: mount.root, controller: controller)
                return
            }
        }
        return nil
    }

    private static func mounts(in mountinfo: String) -> (unified: [Mount], legacy: [Mount]) {
        let mounts = mountinfo.split(separator: "\n").compactMap { Mount($0) }
        return (mounts.filter { $0.type == "cgroup2" }, mounts.filter { $0.type == "cgroup" })
    }

    /// Later mounts hide earlier ones; a mount of the whole tree is better than a part of it.
    private static func best(_ mounts: [Mount]) -> Mount? { mounts.last { $0.root == "/" } ?? mounts.last }

    private struct Mount {
        var root: String
        var point: String
        var type: Substring
        var options: [Substring]

        init?(_ line: Substring) {
            let fields = line.split(separator: " ", omittingEmptySubsequences: false)
            // Optional fields end with a single hyphen; type, source and super options follow.
            guard fields.count >= 10, let dash = fields[6...].firstIndex(of: "-"), fields.count > dash + 3 else {
                return nil
            }
            root = Self.unescape(fields[3])
            point = Self.unescape(fields[4])
            type = fields[dash + 1]
            options = fields[dash + 3].split(separator: ",")
        }

        /// Space, tab, newline and backslash are written as `\040`, `\011`, `\012` and `\134`.
        static func unescape(_ field: Substring) -> String {
            guard field.utf8.contains(UInt8(ascii: "\\")) else { return String(field) }
            let bytes = Array(field.utf8)
            var result: [UInt8] = []
            var index = 0
            while index < bytes.count {
                let digits = bytes[index...].dropFirst().prefix(3)
                if bytes[index] == UInt8(ascii: "\\"), digits.count == 3,
                    let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 8)
                {
                    result.append(value)
                    index += 4
                } else {
                    result.append(bytes[index])
                    index += 1
                }
            }
            return String(decoding: result, as: UTF8.self)
        }
    }

    /// Where a cgroup's directory is; nil where the mount does not show it.
    package func directory(of path: String) -> String? {
        if root == "/" { return path == "/" ? mountPoint : mountPoint + path }
        if path == root { return mountPoint }
        return path.hasPrefix(root + "/") ? mountPoint + path.dropFirst(root.count) : nil
    }

    /// The cgroup of a process in this hierarchy, from its root; nil when the process is gone.
    package func cgroup(ofProcess pid: UInt32) -> String? {
        guard let bytes = try? Files.read("/proc/\(pid)/cgroup") else { return nil }
        return cgroup(fromProc: decodeText(bytes).text)
    }

    /// Picks the hierarchy's line out of proc_pid_cgroup: `0::/path` of cgroup2, `5:pids:/path` of v1.
    func cgroup(fromProc text: String) -> String? {
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { continue }
            let matches =
                if let controller {
                    fields[1].split(separator: ",").contains(controller[...])
                } else {
                    fields[0] == "0" && fields[1].isEmpty
                }
            if matches {
                return fields[2].hasSuffix(" (deleted)") ? String(fields[2].dropLast(10)) : String(fields[2])
            }
        }
        return nil
    }
}
