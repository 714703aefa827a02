// indexer/commands/cuda_declarations.h: the text of the stand-in headers (cuda_headers.h).
// Internal to indexer/commands.
#pragma once

#include <string_view>

namespace engram {

inline constexpr std::string_view kCudaDeclarationsText =
    R"cuda(// Written by engram: what CUDA sources use.
#pragma once
#include <assert.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef __CUDA__
#include <__clang_cuda_math_forward_declares.h>  // Clang's own: sqrt and its kin for kernels

extern "C" {
__attribute__((device)) int printf(const char*, ...);
__attribute__((device)) void* malloc(size_t);
__attribute__((device)) void free(void*);
__attribute__((device)) void* memcpy(void*, const void*, size_t);
__attribute__((device)) void* memset(void*, int, size_t);
__attribute__((device)) void __assert_fail(const char*, const char*, unsigned int, const char*);
}

#define __CUDACC__ 1
#define __CUDACC_VER_MAJOR__ 12
#define __CUDACC_VER_MINOR__ 4
#define __host__ __attribute__((host))
#define __device__ __attribute__((device))
#define __global__ __attribute__((global))
#define __shared__ __attribute__((shared))
#define __constant__ __attribute__((constant))
#define __managed__ __attribute__((managed))
#define __launch_bounds__(...) __attribute__((launch_bounds(__VA_ARGS__)))
#else  // C++ of the host
#define __host__
#define __device__
#define __global__
#define __shared__
#define __constant__
#define __managed__
#define __launch_bounds__(...)
#endif
#define CUDART_VERSION 12040
#define CUDA_VERSION 12040
#define __grid_constant__
#define __cluster_dims__(...)
#define __forceinline__ __inline__ __attribute__((always_inline))
#define __align__(n) __attribute__((aligned(n)))
#define __builtin_align__(n) __align__(n)
#define CUDART_CB
#define CUDARTAPI

#define ENGRAM_VECTOR(type, name)                     \
  struct name##1 { type x; };                         \
  struct name##2 { type x, y; };                      \
  struct name##3 { type x, y, z; };                   \
  struct name##4 { type x, y, z, w; };                \
  __host__ __device__ name##1 make_##name##1(type);   \
  __host__ __device__ name##2 make_##name##2(type, type);             \
  __host__ __device__ name##3 make_##name##3(type, type, type);       \
  __host__ __device__ name##4 make_##name##4(type, type, type, type);
ENGRAM_VECTOR(signed char, char)
ENGRAM_VECTOR(unsigned char, uchar)
ENGRAM_VECTOR(short, short)
ENGRAM_VECTOR(unsigned short, ushort)
ENGRAM_VECTOR(int, int)
ENGRAM_VECTOR(unsigned int, uint)
ENGRAM_VECTOR(long, long)
ENGRAM_VECTOR(unsigned long, ulong)
ENGRAM_VECTOR(long long, longlong)
ENGRAM_VECTOR(unsigned long long, ulonglong)
ENGRAM_VECTOR(float, float)
ENGRAM_VECTOR(double, double)
#undef ENGRAM_VECTOR

struct dim3 {
  unsigned int x, y, z;
  __host__ __device__ constexpr dim3(unsigned int a = 1, unsigned int b = 1, unsigned int c = 1)
      : x(a), y(b), z(c) {}
  __host__ __device__ constexpr dim3(uint3 v) : x(v.x), y(v.y), z(v.z) {}
};
extern const __device__ uint3 threadIdx, blockIdx;
extern const __device__ dim3 blockDim, gridDim;
extern const __device__ int warpSize;

typedef enum cudaError {
  cudaSuccess = 0, cudaErrorInvalidValue = 1, cudaErrorMemoryAllocation = 2,
  cudaErrorInitializationError = 3, cudaErrorInvalidConfiguration = 9, cudaErrorNoDevice = 100,
  cudaErrorInvalidDevice = 101, cudaErrorNotReady = 600, cudaErrorLaunchFailure = 719,
  cudaErrorNotSupported = 801, cudaErrorUnknown = 999
} cudaError_t;
enum cudaMemcpyKind {
  cudaMemcpyHostToHost, cudaMemcpyHostToDevice, cudaMemcpyDeviceToHost, cudaMemcpyDeviceToDevice,
  cudaMemcpyDefault
};
enum cudaFuncAttribute {
  cudaFuncAttributeMaxDynamicSharedMemorySize = 8, cudaFuncAttributePreferredSharedMemoryCarveout
};
enum cudaDeviceAttr {
  cudaDevAttrMaxThreadsPerBlock = 1, cudaDevAttrMultiProcessorCount = 16,
  cudaDevAttrComputeCapabilityMajor = 75, cudaDevAttrComputeCapabilityMinor = 76,
  cudaDevAttrMaxSharedMemoryPerBlockOptin = 97
};
typedef struct CUstream_st* cudaStream_t;
typedef struct CUevent_st* cudaEvent_t;
typedef struct CUgraph_st* cudaGraph_t;
typedef struct CUgraphExec_st* cudaGraphExec_t;
struct cudaDeviceProp {
  char name[256];
  size_t totalGlobalMem, sharedMemPerBlock, sharedMemPerBlockOptin, sharedMemPerMultiprocessor;
  int regsPerBlock, warpSize, maxThreadsPerBlock, maxThreadsDim[3], maxGridSize[3], clockRate;
  int major, minor, multiProcessorCount, l2CacheSize, maxThreadsPerMultiProcessor;
};
enum { cudaStreamDefault, cudaStreamNonBlocking, cudaEventDisableTiming = 2, cudaHostAllocDefault = 0 };

extern "C" {
const char* cudaGetErrorString(cudaError_t);
const char* cudaGetErrorName(cudaError_t);
cudaError_t cudaGetLastError();
cudaError_t cudaPeekAtLastError();
cudaError_t cudaDeviceSynchronize();
cudaError_t cudaDeviceReset();
cudaError_t cudaGetDevice(int*);
cudaError_t cudaSetDevice(int);
cudaError_t cudaGetDeviceCount(int*);
cudaError_t cudaGetDeviceProperties(cudaDeviceProp*, int);
cudaError_t cudaDeviceGetAttribute(int*, cudaDeviceAttr, int);
cudaError_t cudaMemGetInfo(size_t*, size_t*);
cudaError_t cudaFree(void*);
cudaError_t cudaFreeHost(void*);
cudaError_t cudaFreeAsync(void*, cudaStream_t);
cudaError_t cudaMemcpy(void*, const void*, size_t, cudaMemcpyKind);
cudaError_t cudaMemcpyAsync(void*, const void*, size_t, cudaMemcpyKind, cudaStream_t = 0);
cudaError_t cudaMemset(void*, int, size_t);
cudaError_t cudaMemsetAsync(void*, int, size_t, cudaStream_t = 0);
cudaError_t cudaStreamCreate(cudaStream_t*);
cudaError_t cudaStreamCreateWithFlags(cudaStream_t*, unsigned int);
cudaError_t cudaStreamDestroy(cudaStream_t);
cudaError_t cudaStreamSynchronize(cudaStream_t);
cudaError_t cudaStreamWaitEvent(cudaStream_t, cudaEvent_t, unsigned int = 0);
cudaError_t cudaEventCreate(cudaEvent_t*);
cudaError_t cudaEventCreateWithFlags(cudaEvent_t*, unsigned int);
cudaError_t cudaEventDestroy(cudaEvent_t);
cudaError_t cudaEventRecord(cudaEvent_t, cudaStream_t = 0);
cudaError_t cudaEventSynchronize(cudaEvent_t);
cudaError_t cudaEventElapsedTime(float*, cudaEvent_t, cudaEvent_t);
cudaError_t cudaConfigureCall(dim3, dim3, size_t = 0, cudaStream_t = 0);
unsigned __cudaPushCallConfiguration(dim3, dim3, size_t = 0, void* = 0);
cudaError_t cudaLaunchKernel(const void*, dim3, dim3, void**, size_t = 0, cudaStream_t = 0);
}
template <class T> cudaError_t cudaMalloc(T**, size_t);
template <class T> cudaError_t cudaMallocAsync(T**, size_t, cudaStream_t);
template <class T> cudaError_t cudaMallocHost(T**, size_t, unsigned int = 0);
template <class T> cudaError_t cudaHostAlloc(T**, size_t, unsigned int);
template <class T> cudaError_t cudaMallocManaged(T**, size_t, unsigned int = 1);
template <class T>
cudaError_t cudaMemcpyToSymbol(const T&, const void*, size_t, size_t = 0,
                               cudaMemcpyKind = cudaMemcpyHostToDevice);
template <class T>
cudaError_t cudaMemcpyFromSymbol(void*, const T&, size_t, size_t = 0,
                                 cudaMemcpyKind = cudaMemcpyDeviceToHost);
template <class T> cudaError_t cudaFuncSetAttribute(T*, cudaFuncAttribute, int);
template <class T>
cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessor(int*, T, int, size_t);

extern "C" {
#define ENGRAM_MATH(name) __device__ float name(float);
#define ENGRAM_MATH2(name) __device__ float name(float, float);
ENGRAM_MATH(sqrtf) ENGRAM_MATH(cbrtf) ENGRAM_MATH(expf) ENGRAM_MATH(exp2f) ENGRAM_MATH(exp10f)
ENGRAM_MATH(expm1f) ENGRAM_MATH(logf) ENGRAM_MATH(log2f) ENGRAM_MATH(log10f) ENGRAM_MATH(log1pf)
ENGRAM_MATH(sinf) ENGRAM_MATH(cosf) ENGRAM_MATH(tanf) ENGRAM_MATH(asinf) ENGRAM_MATH(acosf)
ENGRAM_MATH(atanf) ENGRAM_MATH(sinhf) ENGRAM_MATH(coshf) ENGRAM_MATH(tanhf) ENGRAM_MATH(asinhf)
ENGRAM_MATH(acoshf) ENGRAM_MATH(atanhf) ENGRAM_MATH(erff) ENGRAM_MATH(erfcf)
ENGRAM_MATH(tgammaf) ENGRAM_MATH(lgammaf) ENGRAM_MATH(fabsf) ENGRAM_MATH(floorf)
ENGRAM_MATH(ceilf) ENGRAM_MATH(truncf) ENGRAM_MATH(roundf) ENGRAM_MATH(rintf)
ENGRAM_MATH(nearbyintf)
ENGRAM_MATH2(powf) ENGRAM_MATH2(fmodf) ENGRAM_MATH2(fminf) ENGRAM_MATH2(fmaxf)
ENGRAM_MATH2(atan2f) ENGRAM_MATH2(hypotf) ENGRAM_MATH2(copysignf) ENGRAM_MATH2(remainderf)
ENGRAM_MATH2(fdimf)
#undef ENGRAM_MATH
#undef ENGRAM_MATH2
__device__ float fmaf(float, float, float);
}
__device__ void __syncthreads();
__device__ int __syncthreads_count(int);
__device__ int __syncthreads_and(int);
__device__ int __syncthreads_or(int);
__device__ void __syncwarp(unsigned int = 0xffffffff);
__device__ void __threadfence();
__device__ void __threadfence_block();
__device__ void __threadfence_system();
__device__ unsigned int __activemask();
__device__ unsigned int __ballot_sync(unsigned int, int);
__device__ int __any_sync(unsigned int, int);
__device__ int __all_sync(unsigned int, int);
template <class T> __device__ T __shfl_sync(unsigned int, T, int, int = 32);
template <class T> __device__ T __shfl_up_sync(unsigned int, T, unsigned int, int = 32);
template <class T> __device__ T __shfl_down_sync(unsigned int, T, unsigned int, int = 32);
template <class T> __device__ T __shfl_xor_sync(unsigned int, T, int, int = 32);
template <class T> __device__ T __ldg(const T*);
template <class T> __device__ T atomicAdd(T*, T);
template <class T> __device__ T atomicSub(T*, T);
template <class T> __device__ T atomicMin(T*, T);
template <class T> __device__ T atomicMax(T*, T);
template <class T> __device__ T atomicAnd(T*, T);
template <class T> __device__ T atomicOr(T*, T);
template <class T> __device__ T atomicXor(T*, T);
template <class T> __device__ T atomicExch(T*, T);
template <class T> __device__ T atomicCAS(T*, T, T);
__device__ unsigned int atomicInc(unsigned int*, unsigned int);
__device__ int __popc(unsigned int);
__device__ int __popcll(unsigned long long);
__device__ int __clz(int);
__device__ int __ffs(int);
__device__ unsigned int __brev(unsigned int);
__device__ float __expf(float);
__device__ float __logf(float);
__device__ float __sinf(float);
__device__ float __cosf(float);
__device__ float __powf(float, float);
__device__ float __fdividef(float, float);
__device__ float __fmaf_rn(float, float, float);
__device__ float __int_as_float(int);
__device__ int __float_as_int(float);
__device__ unsigned int __float_as_uint(float);
__device__ float __uint_as_float(unsigned int);
__device__ int __dp4a(int, int, int);
__device__ long long clock64();
__device__ void __trap();
__device__ void __nanosleep(unsigned int);
__host__ __device__ float rsqrtf(float);
__host__ __device__ double rsqrt(double);
__host__ __device__ int min(int, int);
__host__ __device__ unsigned int min(unsigned int, unsigned int);
__host__ __device__ long long min(long long, long long);
__host__ __device__ float min(float, float);
__host__ __device__ double min(double, double);
__host__ __device__ int max(int, int);
__host__ __device__ unsigned int max(unsigned int, unsigned int);
__host__ __device__ long long max(long long, long long);
__host__ __device__ float max(float, float);
__host__ __device__ double max(double, double);
)cuda";

inline constexpr std::string_view kCudaHalfText = R"cuda(// Written by engram: half precision.
#pragma once
#include "engram_cuda.h"

#ifndef ENGRAM_CUDA_HALF
#define ENGRAM_CUDA_HALF
#define ENGRAM_HALF(name)                                                                  \
  struct name {                                                                            \
    unsigned short bits;                                                                   \
    name() = default;                                                                      \
    __host__ __device__ name(float);                                                       \
    __host__ __device__ operator float() const;                                            \
  };                                                                                       \
  struct name##2 { name x, y; };                                                           \
  __device__ name __hadd(name, name);                                                      \
  __device__ name __hsub(name, name);                                                      \
  __device__ name __hmul(name, name);                                                      \
  __device__ name __hfma(name, name, name);                                                \
  __device__ name##2 __hadd2(name##2, name##2);                                            \
  __device__ name##2 __hmul2(name##2, name##2);                                            \
  __device__ name##2 __hfma2(name##2, name##2, name##2);
ENGRAM_HALF(__half)
ENGRAM_HALF(__nv_bfloat16)
#undef ENGRAM_HALF
typedef __half half;
typedef __half2 half2;
typedef __nv_bfloat16 nv_bfloat16;
typedef __nv_bfloat162 nv_bfloat162;
__host__ __device__ __half __float2half(float);
__host__ __device__ float __half2float(__half);
__host__ __device__ __half2 __floats2half2_rn(float, float);
__host__ __device__ __half2 __halves2half2(__half, __half);
__host__ __device__ float2 __half22float2(__half2);
__host__ __device__ __half __low2half(__half2);
__host__ __device__ __half __high2half(__half2);
__host__ __device__ __nv_bfloat16 __float2bfloat16(float);
__host__ __device__ float __bfloat162float(__nv_bfloat16);
__host__ __device__ __nv_bfloat162 __floats2bfloat162_rn(float, float);
#endif
)cuda";

}  // namespace engram
