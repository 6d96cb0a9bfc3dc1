/* A hand: frames along the chain of bones are kept, the reverse pass goes back along it. */
#include <math.h>
#define BONES 4
#define SKIN 20

typedef double Frame[3][3];

/* Turn around x, then y, then z; cosines and sines are kept. */
static void rotation(const double *angles, double *cosine, double *sine, Frame R)
{
    for (int i = 0; i < 3; i++) {
        cosine[i] = cos(angles[i]);
        sine[i] = sin(angles[i]);
    }
    double a = cosine[0], b = cosine[1], c = cosine[2], d = sine[0], e = sine[1], f = sine[2];
    double de = d * e, ae = a * e;
    R[0][0] = b * c, R[0][1] = de * c - a * f, R[0][2] = ae * c + d * f;
    R[1][0] = b * f, R[1][1] = de * f + a * c, R[1][2] = ae * f - d * c;
    R[2][0] = -e, R[2][1] = d * b, R[2][2] = a * b;
}

/* The slopes by three angles, where G is that by their rotation. */
static void by_angles(const double *cosine, const double *sine, const Frame G, double *slope)
{
    double a = cosine[0], b = cosine[1], c = cosine[2], d = sine[0], e = sine[1], f = sine[2];
    double de = d * e, ae = a * e;
    double de_bar = G[0][1] * c + G[1][1] * f, ae_bar = G[0][2] * c + G[1][2] * f;
    double A = ae_bar * e - G[0][1] * f + G[1][1] * c + G[2][2] * b;
    double B = G[0][0] * c + G[1][0] * f + G[2][1] * d + G[2][2] * a;
    double C = G[0][0] * b + G[0][1] * de + G[0][2] * ae + G[1][1] * a - G[1][2] * d;
    double D = de_bar * e + G[0][2] * f - G[1][2] * c + G[2][1] * b;
    double E = de_bar * d + ae_bar * a - G[2][0];
    double F = G[1][0] * b + G[1][1] * de + G[1][2] * ae - G[0][1] * a + G[0][2] * d;
    slope[0] = D * a - A * d;
    slope[1] = E * b - B * e;
    slope[2] = F * c - C * f;
}

void gradient(const double *in, double *out)
{
    const double *pose = in, *place = pose + (1 + BONES) * 3, *offsets = pose + (2 + BONES) * 3;
    const double *rest = offsets + BONES * 3, *weights = rest + BONES * SKIN * 3;
    const double *seen = weights + SKIN * BONES;
    double *slope = out + 1;
    double cosine[1 + BONES][3], sine[1 + BONES][3];
    Frame turn[1 + BONES], frame[1 + BONES];
    double origin[1 + BONES][3], skin[SKIN][3] = {{0}};

    rotation(pose, cosine[0], sine[0], frame[0]);
    for (int i = 0; i < 3; i++)
        origin[0][i] = place[i];
    for (int n = 1; n <= BONES; n++) {
        const double *offset = offsets + (n - 1) * 3;
        rotation(pose + 3 * n, cosine[n], sine[n], turn[n]);
        for (int i = 0; i < 3; i++) {
            origin[n][i] = origin[n - 1][i];
            for (int k = 0; k < 3; k++) {
                origin[n][i] += frame[n - 1][i][k] * offset[k];
                frame[n][i][k] = 0.0;
                for (int j = 0; j < 3; j++)
                    frame[n][i][k] += frame[n - 1][i][j] * turn[n][j][k];
            }
        }
        for (int s = 0; s < SKIN; s++) {
            const double *x = rest + ((n - 1) * SKIN + s) * 3;
            double weight = weights[s * BONES + n - 1];
            for (int i = 0; i < 3; i++)
                skin[s][i] += weight
                    * (origin[n][i] + frame[n][i][0] * x[0] + frame[n][i][1] * x[1]
                       + frame[n][i][2] * x[2]);
        }
    }
    double total = 0.0;
    for (int s = 0; s < SKIN; s++)
        for (int i = 0; i < 3; i++) {
            double away = skin[s][i] - seen[s * 3 + i];
            total += away * away;
            skin[s][i] = 2.0 * away; /* from here on the slope by it */
        }
    out[0] = total;

    Frame G = {{0}}; /* the slope by the frame of a bone, and by its origin */
    double g[3] = {0};
    for (int n = BONES; n >= 1; n--) {
        const double *offset = offsets + (n - 1) * 3;
        for (int s = 0; s < SKIN; s++) {
            const double *x = rest + ((n - 1) * SKIN + s) * 3;
            double weight = weights[s * BONES + n - 1];
            for (int i = 0; i < 3; i++) {
                double bar = weight * skin[s][i];
                g[i] += bar;
                for (int k = 0; k < 3; k++)
                    G[i][k] += bar * x[k];
            }
        }
        Frame by_turn = {{0}}, before = {{0}};
        for (int i = 0; i < 3; i++)
            for (int j = 0; j < 3; j++)
                for (int k = 0; k < 3; k++) {
                    by_turn[j][k] += frame[n - 1][i][j] * G[i][k];
                    before[i][j] += G[i][k] * turn[n][j][k];
                }
        by_angles(cosine[n], sine[n], by_turn, slope + 3 * n);
        for (int i = 0; i < 3; i++)
            for (int k = 0; k < 3; k++)
                G[i][k] = before[i][k] + g[i] * offset[k];
    }
    by_angles(cosine[0], sine[0], G, slope);
    for (int i = 0; i < 3; i++)
        slope[(1 + BONES) * 3 + i] = g[i];
}
