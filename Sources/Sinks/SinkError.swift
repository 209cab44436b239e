#if canImport(Glibc)
    import Glibc
#endif

/// A file of lines that cannot be used.
package struct SinkError: Error, Sendable, Equatable, CustomStringConvertible {
    package var operation: String
    package var path: String
    package var code: Int32

    package var description: String {
        "cannot \(operation) \(path): \(SinkError.message(code)); \(advice)"
    }

    private var advice: String {
        if operation == "read" { return "name a file of recorded lines, or - for standard input" }
        return switch code {
        case ENOENT, ENOTDIR: "make its directory first, or name another with --output"
        case EACCES, EPERM, EROFS: "give a place that may be written, or run as its owner"
        case ENXIO: "start the reader of the pipe first"
        case ENOSPC, EDQUOT: "make room on the file system"
        case EPIPE: "start the reader again, and driftwatch after it"
        case EISDIR: "name a file with --output, not a directory"
        default: "name another with --output"
        }
    }

    static func message(_ code: Int32) -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard strerror_r(code, &buffer, buffer.count) == 0 else { return "error \(code)" }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
