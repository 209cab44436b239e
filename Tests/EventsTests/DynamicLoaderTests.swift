import Testing

@testable import Events

@Suite struct DynamicLoaderTests {
    @Test(arguments: [
        (["ld.so", "/bin/true"], "/bin/true"),
        (["ld.so", "--library-path", "/opt/lib", "--inhibit-cache", "/bin/true", "-x"], "/bin/true"),
        (["ld.so", "--argv0", "name", "--", "-odd"], "-odd"),
        (["ld-musl", "--preload=x.so", "./app"], "./app"),
        (["ld.so", "--version"], nil), (["ld.so", "--preload"], nil), (["ld.so", "--"], nil), ([], nil),
    ]) func programIsTheFirstWordThatIsNoOption(_ words: [String], _ program: String?) {
        #expect(DynamicLoader.target(in: words).map { words[$0] } == program)
    }
}
