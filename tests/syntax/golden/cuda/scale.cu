// Scales a vector on the device.
#include <cuda_runtime.h>

constexpr int kThreads = 256;

__constant__ float bias[4];

/// y[i] = a * x[i]
template <typename T>
__global__ void scale(const T* x, T* y, T a, int n) {
  __shared__ T tile[kThreads];
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) {
    tile[threadIdx.x] = x[i];
    __syncthreads();
    y[i] = a * tile[threadIdx.x] + bias[0];
  }
}

__device__ inline float square(float v) { return v * v; }

struct Launcher {
  cudaStream_t stream;
  void run(const float* x, float* y, int n) {
    scale<float><<<(n + kThreads - 1) / kThreads, kThreads, 0, stream>>>(x, y, 2.0f, n);
  }
};
