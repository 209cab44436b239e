import Testing

@testable import Responses

@Suite struct StepTests {
    @Test func mildestFirst() { #expect(StepKind.allCases.first == .notify) }
}
