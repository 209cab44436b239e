import Foundation

/// The directory that the monitor keeps its state in: nobody but its owner looks into it.
enum StateDirectory {
    /// Makes the directory, or narrows one that is there and wider than it should be; gives back what is to be said of
    /// that. A directory that holds files of others is left as it is: it may be `/etc`.
    @discardableResult
    static func prepare(_ directory: String) throws(StateError) -> [String] {
        var status = stat()
        if stat(directory, &status) != 0 {
            try make(directory)
            return []
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw StateError("state directory \(directory) is not a directory; choose another with --state")
        }
        guard access(directory, W_OK | X_OK) == 0 else {
            throw StateError(
                "state directory \(directory) cannot be written: \(reason(errno)); choose another with --state")
        }
        var notices: [String] = []
        if status.st_uid != geteuid(), status.st_uid != 0 {
            notices.append(
                "state directory \(directory) belongs to user \(status.st_uid), who can change what is kept there; "
                    + "chown it, or choose another with --state")
        }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        if status.st_mode & 0o077 != 0 {
            let notice = try narrow(directory, status.st_mode, isOwn: names.allSatisfy(isOwn))
            // Of an empty one nobody can have read anything.
            if !names.isEmpty { notices.append(notice) }
        }
        for name in names where isOwn(name) {
            let path = "\(directory)/\(name)"
            // What a link leads to is none of this directory's.
            guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_mode & 0o077 != 0,
                chmod(path, 0o600) == 0
            else { continue }
            notices.append("\(path) could be read by others; its mode is 0600 now")
        }
        return notices
    }

    /// Of the files that driftwatch itself makes there.
    private static func isOwn(_ name: String) -> Bool {
        name == "lock" || name == "evidence" || name.hasPrefix("driftwatch.")
    }

    private static func narrow(_ directory: String, _ mode: mode_t, isOwn: Bool) throws(StateError) -> String {
        if isOwn, chmod(directory, 0o700) == 0 {
            return "state directory \(directory) was open to others; its mode is 0700 now"
        }
        // Where others may write but not remove, as in /tmp, they cannot change what is kept.
        guard mode & 0o022 == 0 || mode & S_ISVTX != 0 else {
            throw StateError(
                "state directory \(directory) can be written by others and holds more than state; "
                    + "chmod 700 it, or choose another with --state")
        }
        return
            "state directory \(directory) is open to others and holds more than state; give it one of its own with --state"
    }

    private static func make(_ directory: String) throws(StateError) {
        do {
            try FileManager.default.createDirectory(
                atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw StateError(
                "state directory \(directory) cannot be made: \(cause(error)); choose another with --state")
        }
    }

    private static func cause(_ error: any Error) -> String {
        let error = error as NSError
        let below = error.userInfo[NSUnderlyingErrorKey] as? NSError ?? error
        return below.domain == NSPOSIXErrorDomain ? reason(Int32(below.code)) : reason(EACCES)
    }
}
