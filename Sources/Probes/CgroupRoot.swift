import Glibc

/// Which hierarchy's cgroup ids name workloads.
package enum WorkloadHierarchy: Sendable, Hashable {
    /// cgroup2, also where it is mounted beside version 1 controllers.
    case unified
    /// Of a pure version 1 host: that of a controller (`pids`, `memory`, ...).
    case legacy(controller: String)

    /// cgroup2 if it is mounted anywhere, else the first controller that container runtimes always use.
    package static func ofThisHost() -> WorkloadHierarchy {
        if CgroupRoot.mountpoint() != nil { return .unified }
        let present = Set(CgroupRoot.controllers().map(\.name))
        let preferred = ["pids", "memory", "devices", "cpu", "freezer"]
        return preferred.first(where: present.contains).map { .legacy(controller: $0) } ?? .unified
    }
}

/// A directory descriptor of the root of the cgroup2 hierarchy, where programs are attached.
struct CgroupRoot: ~Copyable {
    let fileDescriptor: Int32

    deinit { close(fileDescriptor) }

    init() throws(ProbeError) {
        let descriptor = try Self.opened()
        guard !Self.isWhole(descriptor) else {
            fileDescriptor = descriptor
            return
        }
        close(descriptor)
        // In a cgroup namespace a part of the tree looks like the whole, and hooks there would see that part only. The
        // kernel's own threads and the node's first process have the whole.
        for process in ["/proc/2", "/proc/1"] {
            for mountpoint in Self.mountpoints(in: process + "/mountinfo") {
                let descriptor = open(process + "/root" + mountpoint, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
                if descriptor >= 0, Self.isWhole(descriptor) {
                    fileDescriptor = descriptor
                    return
                }
                close(descriptor)
            }
        }
        throw ProbeError(
            "watch the node from a cgroup namespace of its own", errno: EPERM,
            advice: "run in the host's, as with --cgroupns=host")
    }

    /// The first directory of a hierarchy has the first number (kernfs_create_root()).
    private static func isWhole(_ descriptor: Int32) -> Bool {
        var status = stat()
        return fstat(descriptor, &status) == 0 && status.st_ino == 1
    }

    private static func opened() throws(ProbeError) -> Int32 {
        if let mountpoint = mountpoint() {
            let descriptor = open(mountpoint, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            guard descriptor >= 0 else { throw ProbeError("open \(mountpoint)", errno: Glibc.errno) }
            return descriptor
        }
        // Nobody mounted it, yet every task is in its root: mount it for as long as opening takes.
        var template = Array("/tmp/driftwatch-cgroup2-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw ProbeError("make a directory in /tmp", errno: Glibc.errno) }
        defer { rmdir(template) }
        guard mount("none", template, "cgroup2", 0, nil) == 0 else {
            throw ProbeError(
                "mount cgroup2", errno: Glibc.errno, advice: "mount it, or run with CAP_SYS_ADMIN")
        }
        let descriptor = open(template, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        let failure = Glibc.errno
        umount2(template, Int32(MNT_DETACH))
        guard descriptor >= 0 else { throw ProbeError("open the root of cgroup2", errno: failure) }
        return descriptor
    }

    /// Where the root of cgroup2 is mounted, by /proc/self/mountinfo (proc(5)).
    static func mountpoint() -> String? { mountpoints(in: "/proc/self/mountinfo", root: "/").first }

    /// Where cgroup2 is mounted. `root`: only what shows that directory of it.
    private static func mountpoints(in file: String, root: String? = nil) -> [String] {
        lines(of: file).compactMap { line in
            let fields = line.split(separator: " ")
            guard let dash = fields.firstIndex(of: "-"), dash + 1 < fields.count, dash > 4,
                fields[dash + 1] == "cgroup2", root == nil || fields[3] == root!
            else { return nil }
            return unescaped(fields[4])
        }
    }

    /// Version 1 controllers and the numbers of their hierarchies.
    static func controllers() -> [(name: String, hierarchy: Int32)] {
        lines(of: "/proc/self/cgroup").flatMap { line in
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3, let hierarchy = Int32(fields[0]), hierarchy != 0 else {
                return [(String, Int32)]()
            }
            return fields[1].split(separator: ",").map { (String($0), hierarchy) }
        }
    }

    /// Spaces and the like are `\ooo` in mountinfo.
    private static func unescaped(_ field: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = field.utf8[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\\"), let octal = UInt8(String(decoding: rest.prefix(3), as: UTF8.self), radix: 8)
            {
                bytes.append(octal)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func lines(of path: String) -> [Substring] {
        guard let file = fopen(path, "re") else { return [] }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16384)
        while case let got = fread(&buffer, 1, buffer.count, file), got > 0 { bytes += buffer[..<got] }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    }
}
