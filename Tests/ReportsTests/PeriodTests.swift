import Testing

@testable import Reports

@Suite struct PeriodTests {
    @Test func fromComesFirst() { #expect(Period(from: 1, to: 2).from == 1) }
}
