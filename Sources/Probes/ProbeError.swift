import Glibc

/// What the kernel or libbpf refused: which operation, with which errno, and what to do about it.
package struct ProbeError: Error, CustomStringConvertible, Sendable {
    package var operation: String
    package var errno: Int32
    package var advice: String?
    /// The last lines that libbpf or the verifier said; for `doctor`.
    package var log: [String]

    package init(_ operation: String, errno: Int32, advice: String? = nil, log: [String] = []) {
        self.operation = operation
        self.errno = errno
        self.advice = advice
        self.log = log
    }

    /// One line.
    package var description: String {
        var line = "\(operation): \(String(cString: strerror(errno)).lowercased())"
        if let advice { line += "; \(advice)" }
        return line
    }

    /// Of a libbpf call that returned a negative errno.
    static func libbpf(_ operation: String, _ result: some BinaryInteger, advice: String? = nil) -> ProbeError {
        ProbeError(operation, errno: -Int32(truncatingIfNeeded: result), advice: advice, log: Log.lines())
    }
}
