/* Calls a gradient again and again: what calling from Python costs is not of the C to be measured. */
typedef void (*Gradient)(const double *in, double *out);

void repeat(Gradient gradient, const double *in, double *out, long runs)
{
    for (long run = 0; run < runs; run++)
        gradient(in, out);
}
