import CLibbpf

package enum Heap {
    /// Keeps what is freed from being kept: to be called first of all.
    ///
    /// Without it each of the threads that talk with engines gets an arena of its own, and glibc learns from the first
    /// large array that was freed to cut all later ones out of the heap, where one small value behind them holds them.
    package static func settle() {
        mallopt(M_ARENA_MAX, 2)
        mallopt(M_MMAP_THRESHOLD, 256 << 10)
        mallopt(M_TRIM_THRESHOLD, 1 << 20)
    }

    /// Gives the system back what loading took and freed, instead of keeping it in reserve.
    package static func trim() { malloc_trim(0) }
}
