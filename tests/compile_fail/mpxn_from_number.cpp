// must fail: private|no matching|no match
// A meter point number is read from text or made with its check digits, never taken from a number.
#include "core/mpxn.h"

s1flow::Mpxn number() {
#ifndef S1FLOW_CONTROL
  return s1flow::Mpxn(1200023305967ULL);
#else
  return s1flow::Mpxn::make_mpan(120002330596ULL);
#endif
}
