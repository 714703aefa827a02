// kernels/cpu/exponential.h: e^x of sixteen lanes, relative error below 2e-7.
//
// x = n ln 2 + r with |r| <= ln 2 / 2; e^r by its Taylor polynomial of degree 7 (error 5e-9),
// scaled by 2^n. Arguments are clamped to [-87, 88], where the result is a normal number.
#pragma once

namespace engram::ENGRAM_SIMD {
namespace {

inline Floats exponential(Floats x) {
  x = larger(smaller(x, broadcast(88.0F)), broadcast(-87.0F));
  const Ints n = round(x * broadcast(1.44269504F));
  const Floats whole = to_floats(n);
  Floats r = multiply_add(whole, broadcast(-0.693359375F), x);  // ln 2 in two parts:
  r = multiply_add(whole, broadcast(2.12194440e-4F), r);        // the first product is exact
  Floats p = broadcast(1.0F / 5040.0F);
  p = multiply_add(p, r, broadcast(1.0F / 720.0F));
  p = multiply_add(p, r, broadcast(1.0F / 120.0F));
  p = multiply_add(p, r, broadcast(1.0F / 24.0F));
  p = multiply_add(p, r, broadcast(1.0F / 6.0F));
  p = multiply_add(p, r, broadcast(0.5F));
  p = multiply_add(p, r, broadcast(1.0F));
  p = multiply_add(p, r, broadcast(1.0F));
  return p * power_of_two(n);
}

}  // namespace
}  // namespace engram::ENGRAM_SIMD
