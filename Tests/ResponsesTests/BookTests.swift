import Foundation
import Testing

@testable import Responses

/// What a monitor leaves for commands and for the next one.
@Suite struct BookTests {
    private let directory = NSTemporaryDirectory() + "/book-\(UUID().uuidString)"

    init() throws { try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true) }

    private func write(_ text: String) throws {
        try text.write(toFile: directory + "/" + Book.fileName, atomically: false, encoding: .utf8)
    }

    @Test func whatIsWrittenIsRead() throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        #expect(try Book.read(in: directory) == nil)
        var docket = Scene.docket([.restrict(10), .freeze(10)])
        let actions = docket.take(Scene.order(), at: Scene.moment(1))
        var book = Book()
        book.note(docket)
        try book.write(in: directory, isSure: true)
        let read = try #require(try Book.read(in: directory))
        #expect(
            read == book && read.hasLeftovers && read.hasFrozen && read.inForce.map(\.act) == ["restricted", "frozen"])
        #expect(actions.count == 2)
        var status = stat()
        #expect(stat(directory + "/" + Book.fileName, &status) == 0 && status.st_mode & 0o777 == 0o600)
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == [Book.fileName])
        // What is only rehearsed leaves nothing to be thawed.
        var rehearsed = Scene.docket([.freeze(10)], mode: .dryRun)
        _ = rehearsed.take(Scene.order(), at: Scene.moment(1))
        book.note(rehearsed)
        #expect(!book.hasFrozen)
    }

    @Test(arguments: [
        ("of a later version", #"{"version": 2}"#, "written by a newer driftwatch"),
        ("torn", #"{"version": 1, "meas"#, "cannot be read"),
        ("empty", "", "cannot be read"),
    ])
    func whatCannotBeReadIsSaid(_ name: String, _ text: String, _ why: String) throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try write(text)
        let error = #expect(throws: ActionError.self) { try Book.read(in: directory) }
        #expect(error?.description.contains(why) == true, "\(name)")
    }

    /// What must be on the disk before something is done is, or it is not done.
    @Test func aDiskThatRefusesIsSaid() throws {
        let keeper = BookKeeper(directory + "/none", warn: { _ in })
        #expect(throws: ActionError.self) { try keeper.keepForSure(Book()) }
        try? FileManager.default.removeItem(atPath: directory)
    }
}
