import CLibbpf

package enum Heap {
    /// Gives the system back what loading took and freed, instead of keeping it in reserve.
    package static func trim() { malloc_trim(0) }
}
