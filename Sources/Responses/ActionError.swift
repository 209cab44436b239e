/// Why something was not done to a workload: one line.
package struct ActionError: Error, Equatable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}
