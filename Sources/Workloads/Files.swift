import Events
import Foundation

/// Small reads of files that others write: bounded, and a broken file is an answer, not a crash.
package enum Files {
    /// Largest file that is believed to be a runtime's state; real ones are under 1 MiB.
    package static let limit = 4 << 20

    package enum Failure: Error, Equatable {
        case missing
        /// What is wrong with it, as a phrase.
        case unusable(String)
    }

    /// The content of a regular file or of one in /proc, at most `limit` bytes of it.
    package static func read(_ path: String, limit: Int = limit) throws(Failure) -> [UInt8] {
        try read(Array(path.utf8), limit: limit)
    }

    static func read(_ path: [UInt8], limit: Int = limit) throws(Failure) -> [UInt8] {
        let file = open(terminated(path), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard file >= 0 else {
            let code = errno
            if code == ENOENT || code == ENOTDIR || code == ESRCH { throw .missing }
            throw .unusable(String(cString: strerror(code)))
        }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { throw .unusable("not a file") }
        guard status.st_size <= limit else { throw .unusable("larger than \(limit >> 20) MiB") }
        // Files of /proc and cgroupfs say 0: grow from one page.
        var bytes = [UInt8](repeating: 0, count: max(Int(status.st_size) + 1, 4096))
        var used = 0
        while true {
            let count = bytes.withUnsafeMutableBytes { buffer in
                Glibc.read(file, buffer.baseAddress! + used, buffer.count - used)
            }
            if count < 0 {
                if errno == EINTR { continue }
                if errno == ESRCH || errno == ENODEV { throw .missing }
                throw .unusable(String(cString: strerror(errno)))
            }
            if count == 0 { break }
            used += count
            if used > limit { throw .unusable("larger than \(limit >> 20) MiB") }
            if used == bytes.count { bytes.append(contentsOf: repeatElement(0, count: bytes.count)) }
        }
        bytes.removeSubrange(used...)
        return bytes
    }

    static func text(_ path: String) -> String? {
        guard let bytes = try? read(path) else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Names in a directory without `.` and `..`, at most `limit` of them; none where there is no directory.
    static func names(in path: String, limit: Int = 65536) -> [String] {
        list(path, limit: limit) { _ in true }
    }

    static func directories(in path: String, limit: Int = 65536) -> [String] {
        // A file system that does not tell types leaves 0.
        list(path, limit: limit) { $0 == UInt8(DT_DIR) || $0 == 0 }
    }

    /// Names of what lies in a directory and two levels below it, relative to it; links to directories are not followed.
    static func tree(of path: String, limit: Int, depth: Int = 2) -> [String] {
        var found = list(path, limit: limit) { $0 != UInt8(DT_DIR) }
        guard depth > 0 else { return found }
        for directory in list(path, limit: limit, where: { $0 == UInt8(DT_DIR) }) where found.count < limit {
            let below = tree(of: path + "/" + directory, limit: limit - found.count, depth: depth - 1)
            found += below.map { directory + "/" + $0 }
        }
        return found
    }

    private static func list(_ path: String, limit: Int, where wanted: (UInt8) -> Bool) -> [String] {
        entries(of: opendir(path), limit: limit, where: wanted).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Names of the directories in one, as the bytes that they are.
    static func directories(in path: [UInt8], limit: Int = 65536) -> [[UInt8]] {
        entries(of: opendir(terminated(path)), limit: limit) { $0 == UInt8(DT_DIR) || $0 == 0 }
    }

    /// The same of an open directory, which stays open.
    static func directories(in directory: Int32, limit: Int = 65536) -> [[UInt8]] {
        let own = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard own >= 0 else { return [] }
        return entries(of: fdopendir(own), limit: limit) { $0 == UInt8(DT_DIR) || $0 == 0 }
    }

    private static func entries(of directory: OpaquePointer?, limit: Int, where wanted: (UInt8) -> Bool) -> [[UInt8]] {
        guard let directory else { return [] }
        defer { closedir(directory) }
        var names: [[UInt8]] = []
        while names.count < limit, let entry = readdir(directory) {
            guard wanted(entry.pointee.d_type) else { continue }
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in Array(bytes.prefix { $0 != 0 }) }
            if name != Array(".".utf8), name != Array("..".utf8) { names.append(name) }
        }
        return names
    }

    /// As C takes it.
    static func terminated(_ path: [UInt8]) -> [CChar] { path.map { CChar(bitPattern: $0) } + [0] }

    /// Nil where there is no directory, which a link to one is not.
    static func directoryStatus(_ path: [UInt8]) -> stat? {
        var status = stat()
        guard lstat(terminated(path), &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { return nil }
        return status
    }

    static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// Where a file lies, without links: nil unless it is one, and only root, or who asks, can have put it there or can
    /// exchange it meanwhile.
    static func unsharedFile(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        let file = String(cString: resolved)
        var place = file
        while true {
            var status = stat()
            guard lstat(place, &status) == 0, status.st_uid == 0 || status.st_uid == geteuid() else { return nil }
            let isDirectory = status.st_mode & S_IFMT == S_IFDIR
            guard isDirectory || status.st_mode & S_IFMT == S_IFREG, isDirectory == (place != file) else { return nil }
            // In a sticky directory nobody can exchange what is not their own.
            let isShared = status.st_mode & (status.st_gid == 0 ? S_IWOTH : S_IWOTH | S_IWGRP) != 0
            guard !isShared || isDirectory && status.st_mode & S_ISVTX != 0 else { return nil }
            if place == "/" { return file }
            place = (place as NSString).deletingLastPathComponent
        }
    }

    static func link(_ path: String) -> String? {
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = readlink(path, &bytes, bytes.count)
        return count < 0 ? nil : decodeText(Array(bytes[..<count])).text
    }

    /// Changes when a file is written or replaced.
    struct Stamp: Hashable, Sendable {
        var device: UInt64
        var inode: UInt64
        var size: Int64
        var seconds: Int
        var nanoseconds: Int

        init(_ status: stat) {
            device = UInt64(status.st_dev)
            inode = UInt64(status.st_ino)
            size = Int64(status.st_size)
            seconds = status.st_mtim.tv_sec
            nanoseconds = status.st_mtim.tv_nsec
        }

        init?(path: String) {
            var status = stat()
            guard stat(path, &status) == 0 else { return nil }
            self.init(status)
        }
    }
}
