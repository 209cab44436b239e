import Foundation

/// Stops all processes of an instance where they are, and lets them go on: they lose nothing and notice nothing.
package enum Freezer {
    package enum Outcome: Sendable, Equatable {
        /// Every process stands still.
        case whole
        /// Some are within the kernel, and stop as soon as they leave it.
        case pending
    }

    /// Returns when all stand still, or the time is over. To be undone by `thaw`, by this monitor or a later one.
    package static func freeze(_ hold: Hold, within limit: Duration = .seconds(1)) throws(ActionError) -> Outcome {
        let cgroup = try CgroupDirectory(hold, to: "freeze")
        try cgroup.write(hold.kind == .unified ? "1" : "FROZEN", to: hold.switchFile)
        return cgroup.waits(for: hold.kind == .unified ? "frozen 1" : "FROZEN", in: hold.stateFile, within: limit)
            ? .whole : .pending
    }

    /// Lets go on what stands still, if it does; false where the cgroup is gone, and its processes with it.
    @discardableResult
    package static func thaw(_ hold: Hold) throws(ActionError) -> Bool {
        guard hold.exists else { return false }
        do {
            try CgroupDirectory(hold, to: "thaw").write(hold.kind == .unified ? "0" : "THAWED", to: hold.switchFile)
        } catch {
            guard hold.exists else { return false }
            throw error
        }
        return true
    }

    /// Whether it was told to stand still, by whomever.
    package static func isFrozen(_ hold: Hold) -> Bool {
        guard let text = (try? CgroupDirectory(hold, to: "read"))?.read(hold.switchFile) else { return false }
        return text != "0\n" && text != "THAWED\n"
    }
}

extension Hold {
    var switchFile: String { kind == .unified ? "cgroup.freeze" : "freezer.state" }
    var stateFile: String { kind == .unified ? "cgroup.events" : "freezer.state" }
}

/// The opened directory of a hold: what is done is done to that cgroup, whatever becomes of the path.
struct CgroupDirectory: ~Copyable {
    private let directory: Int32
    private let path: String
    /// What is done, as a verb.
    private let verb: String

    init(_ hold: Hold, to verb: String) throws(ActionError) {
        path = hold.directory
        self.verb = verb
        directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        var status = stat()
        guard directory >= 0, fstat(directory, &status) == 0, UInt64(status.st_ino) == hold.inode else {
            throw ActionError("cannot \(verb) \(path): it is gone")
        }
    }

    deinit { close(directory) }

    func has(_ name: String) -> Bool { faccessat(directory, name, F_OK, 0) == 0 }

    func write(_ text: String, to name: String) throws(ActionError) {
        let file = openat(directory, name, O_WRONLY | O_CLOEXEC)
        defer { close(file) }
        guard file >= 0 else {
            throw ActionError("cannot \(verb) \(path): open \(name): \(String(cString: strerror(errno)).lowercased())")
        }
        guard Glibc.write(file, text, text.utf8.count) == text.utf8.count else {
            throw ActionError("cannot \(verb) \(path): write \(name): \(String(cString: strerror(errno)).lowercased())")
        }
    }

    func read(_ name: String) -> String? {
        let file = openat(directory, name, O_RDONLY | O_CLOEXEC)
        defer { close(file) }
        return file < 0 ? nil : Self.read(file)
    }

    /// True as soon as a line of the file is this one, false when the time is over. Files of cgroup2 wake their readers
    /// when they change; those of v1 are asked again.
    func waits(for line: String, in name: String, within limit: Duration) -> Bool {
        let file = openat(directory, name, O_RDONLY | O_CLOEXEC)
        defer { close(file) }
        let end = ContinuousClock.now + limit
        while file >= 0, let text = Self.read(file) {
            if text.split(separator: "\n").contains(line[...]) { return true }
            guard ContinuousClock.now < end else { return false }
            var change = pollfd(fd: file, events: Int16(POLLPRI), revents: 0)
            poll(&change, 1, 5)
        }
        return false
    }

    private static func read(_ file: Int32) -> String? {
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = pread(file, &bytes, bytes.count, 0)
        return count < 0 ? nil : String(decoding: bytes.prefix(count), as: UTF8.self)
    }
}
