/// What a report is about, in nanoseconds since the epoch.
package struct Period: Sendable, Equatable {
    package var from: Int64
    package var to: Int64

    package init(from: Int64, to: Int64) {
        self.from = from
        self.to = to
    }
}
