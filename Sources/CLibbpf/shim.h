/* The only door to libbpf. */
#pragma once
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
/* malloc_trim(), which Swift's Glibc does not export: loading leaves megabytes behind. */
#include <malloc.h>
