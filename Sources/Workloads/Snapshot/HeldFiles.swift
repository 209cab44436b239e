import Events
import Foundation

/// The descriptors of a running process.
struct HeldFiles {
    private(set) var files: [Open] = []
    /// Inode numbers of sockets, by descriptor.
    private(set) var sockets: [Int: UInt64] = [:]
    /// There are more descriptors than are looked at.
    private(set) var isCut = false

    /// Most programs have less than a hundred; of a server with a million connections these will do.
    static let most = 1024

    /// `mounts`: the ids of the mounts that the process can reach; nil where that does not matter.
    init(of pid: UInt32, mounts: Set<Int>?) {
        let root = Files.link("/proc/\(pid)/root") ?? "/"
        let names = Files.names(in: "/proc/\(pid)/fd", limit: Self.most + 1)
        isCut = names.count > Self.most
        var seen: Set<String> = []
        for name in names.prefix(Self.most) {
            guard let number = Int(name), let target = Files.link("/proc/\(pid)/fd/\(name)") else { continue }
            if target.hasPrefix("socket:["), let inode = UInt64(target.dropFirst(8).dropLast()) {
                sockets[number] = inode
            } else if target.hasPrefix("/"), !target.hasPrefix("/memfd:"),
                let open = Self.open(pid, number, target, root: root, mounts: mounts),
                seen.insert("\(open.access.rawValue) \(open.path.text)").inserted
            {
                files.append(open)
            }
        }
    }

    private static func open(
        _ pid: UInt32, _ number: Int, _ target: String, root: String, mounts: Set<Int>?
    ) -> Open? {
        var status = stat()
        guard stat("/proc/\(pid)/fd/\(number)", &status) == 0,
            let info = Files.text("/proc/\(pid)/fdinfo/\(number)").map(Info.init)
        else { return nil }
        var path = ResolvedPath(target)
        if status.st_nlink == 0 {
            path.flags.insert(.unlinked)
            if target.hasSuffix(deleted) { path.text = String(target.dropLast(deleted.utf8.count)) }
        }
        if root != "/" {
            if path.text == root {
                path.text = "/"
            } else if path.text.hasPrefix(root + "/") {
                path.text = String(path.text.dropFirst(root.utf8.count))
            } else {
                path.flags.insert(.outsideRoot)
            }
        }
        // Standard streams, and devices, are what whoever started it gave it: no way out of a container.
        let kind = status.st_mode & S_IFMT
        if let mounts, let mount = info.mount, !mounts.contains(mount), number > 2, kind == S_IFREG || kind == S_IFDIR {
            path.flags.insert(.outsideRoot)
        }
        return Open(
            path: path, access: info.access, inode: UInt64(status.st_ino),
            device: device(UInt64(status.st_dev)),
            mode: UInt32(status.st_mode))
    }

    /// From the numbering of makedev(3), which puts each half in two places.
    private static func device(_ number: UInt64) -> Device {
        let major = number >> 8 & 0xfff
        let minor = number & 0xff | number >> 12 & 0xfff00
        return Device(UInt32(major << 20 | minor))
    }

    /// What the kernel appends to the path of a file that has lost its name.
    static let deleted = " (deleted)"

    /// Of proc_pid_fdinfo.
    struct Info {
        private(set) var access: Access = .read
        private(set) var mount: Int?

        init(_ text: String) {
            for line in text.split(separator: "\n").prefix(8) {
                let words = line.split(whereSeparator: \.isWhitespace)
                guard words.count == 2 else { continue }
                switch words[0] {
                case "flags:": if let flags = Int32(words[1], radix: 8) { access = Self.access(flags) }
                case "mnt_id:": mount = Int(words[1])
                default: break
                }
            }
        }

        /// O_PATH, which Glibc's module lacks.
        private static let pathOnly: Int32 = 0o10000000

        /// What it was created or truncated with is not kept by the kernel.
        private static func access(_ flags: Int32) -> Access {
            if flags & pathOnly != 0 { return .path }
            var access: Access =
                switch flags & O_ACCMODE {
                case O_RDONLY: .read
                case O_WRONLY: .write
                case O_RDWR: [.read, .write]
                default: .path
                }
            if flags & O_APPEND != 0 { access.insert(.append) }
            return access
        }
    }
}
