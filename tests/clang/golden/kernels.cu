#include <cuda_runtime.h>
constexpr int kTile = 32;
__constant__ float weights[kTile];
__device__ float clamp(float value, float most) { return value < most ? value : most; }
template <typename T>
__global__ void scale(T* out, const T* in, int n) {
  __shared__ T tile[kTile];
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  tile[threadIdx.x] = in[i] * weights[threadIdx.x % kTile];
  __syncthreads();
  out[i] = clamp(tile[threadIdx.x], T(1));
}
__global__ void __launch_bounds__(256) count(unsigned* total) { atomicAdd(total, 1U); }
struct Buffer {
  __host__ __device__ int size() const { return n; }
  float* data = nullptr;
  int n = 0;
};
cudaError_t run(const Buffer& buffer, cudaStream_t stream) {
  const dim3 grid((buffer.size() + kTile - 1) / kTile), block(kTile);
  scale<float><<<grid, block, 0, stream>>>(buffer.data, buffer.data, buffer.size());
  count<<<1, 256>>>(nullptr);
  return cudaGetLastError();
}
