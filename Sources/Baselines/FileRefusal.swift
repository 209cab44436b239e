/// Why a file of YAML, of whatever purpose, was not taken: one line, with the place.
package struct FileRefusal: Error, Sendable, Equatable, CustomStringConvertible {
    package var file: String
    /// From 1; nil where the whole file is meant.
    package var line: Int?
    package var column: Int?
    package var reason: String

    package init(file: String, line: Int? = nil, column: Int? = nil, reason: String) {
        self.file = file
        self.line = line
        self.column = column
        self.reason = reason
    }

    package var description: String {
        let place = line.map { line in column.map { "\(file):\(line):\($0)" } ?? "\(file):\(line)" } ?? file
        // Words of the file may appear in the reason; control characters must not reach a terminal.
        return "\(place): \(reason)".unicodeScalars.reduce(into: "") { text, scalar in
            text +=
                scalar.value < 32 || (127..<160).contains(scalar.value)
                ? "\\u{\(String(scalar.value, radix: 16))}" : String(scalar)
        }
    }
}
