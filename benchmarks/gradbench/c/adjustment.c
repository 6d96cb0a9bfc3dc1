/* Bundle adjustment. What belongs to a camera alone, the axis, the sine and the cosine of its turn, is
   computed once for each camera, and so are the slopes through them. */
#include <math.h>
#include <string.h>
#define CAMERAS 8
#define POINTS 64
#define SEEN 256
#define PARTS 11

typedef struct {
    double angle, sine, cosine, axis[3];
} Turn;

void gradient(const double *in, double *out)
{
    const double *cameras = in, *points = cameras + CAMERAS * PARTS, *weights = points + POINTS * 3;
    const double *seen = weights + SEEN, *who = seen + SEEN * 2;
    double *camera_slope = out + 1, *point_slope = camera_slope + CAMERAS * PARTS;
    double *weight_slope = point_slope + POINTS * 3;
    Turn turns[CAMERAS], bars[CAMERAS];
    memset(bars, 0, sizeof bars);
    memset(camera_slope, 0, sizeof(double) * (CAMERAS * PARTS + POINTS * 3));
    for (int k = 0; k < CAMERAS; k++) {
        const double *r = cameras + k * PARTS;
        Turn *t = turns + k;
        t->angle = sqrt(r[0] * r[0] + r[1] * r[1] + r[2] * r[2]);
        t->sine = sin(t->angle);
        t->cosine = cos(t->angle);
        for (int i = 0; i < 3; i++)
            t->axis[i] = r[i] / t->angle;
    }
    double total = 0.0;
    for (int n = 0; n < SEEN; n++) {
        int k = (int)who[2 * n], j = (int)who[2 * n + 1];
        const double *camera = cameras + k * PARTS, *point = points + j * 3, *a = turns[k].axis;
        double s = turns[k].sine, c = turns[k].cosine, w = weights[n];
        double v[3], p[3];
        for (int i = 0; i < 3; i++)
            v[i] = point[i] - camera[3 + i];
        double cross[3] = {
            a[1] * v[2] - a[2] * v[1], a[2] * v[0] - a[0] * v[2], a[0] * v[1] - a[1] * v[0]};
        double dot = a[0] * v[0] + a[1] * v[1] + a[2] * v[2], along = dot * (1.0 - c);
        for (int i = 0; i < 3; i++)
            p[i] = v[i] * c + cross[i] * s + a[i] * along;
        double inverse = 1.0 / p[2], x = p[0] * inverse, y = p[1] * inverse;
        double square = x * x + y * y, inner = camera[9] + square * camera[10];
        double bent = 1.0 + square * inner, scale = camera[6] * bent;
        double dx = scale * x + camera[7] - seen[2 * n], dy = scale * y + camera[8] - seen[2 * n + 1];
        double squares = dx * dx + dy * dy, rest = 1.0 - w * w;
        total += w * w * squares + rest * rest;

        weight_slope[n] = 2.0 * w * (squares - 2.0 * rest);
        double x_bar = 2.0 * w * w * dx, y_bar = 2.0 * w * w * dy; /* of what the camera sees */
        double *slope = camera_slope + k * PARTS;
        slope[7] += x_bar;
        slope[8] += y_bar;
        double scale_bar = x_bar * x + y_bar * y, bent_bar = scale_bar * camera[6];
        slope[6] += scale_bar * bent;
        slope[9] += bent_bar * square;
        slope[10] += bent_bar * square * square;
        double square_bar = bent_bar * (inner + square * camera[10]);
        x_bar = x_bar * scale + 2.0 * square_bar * x;
        y_bar = y_bar * scale + 2.0 * square_bar * y;
        double q[3] = {x_bar * inverse, y_bar * inverse, -(x_bar * x + y_bar * y) * inverse};

        /* p = c v + s (a x v) + (1 - c) (a.v) a, where q is the slope by p */
        double qa = q[0] * a[0] + q[1] * a[1] + q[2] * a[2];
        double turned[3] = {
            q[1] * a[2] - q[2] * a[1], q[2] * a[0] - q[0] * a[2], q[0] * a[1] - q[1] * a[0]};
        double of_axis[3] = {
            v[1] * q[2] - v[2] * q[1], v[2] * q[0] - v[0] * q[2], v[0] * q[1] - v[1] * q[0]};
        double rise = 1.0 - c;
        Turn *bar = bars + k;
        for (int i = 0; i < 3; i++) {
            bar->cosine += q[i] * v[i];
            bar->sine += q[i] * cross[i];
            bar->axis[i] += s * of_axis[i] + rise * (dot * q[i] + qa * v[i]);
            double v_bar = c * q[i] + s * turned[i] + rise * qa * a[i];
            point_slope[j * 3 + i] += v_bar;
            slope[3 + i] -= v_bar;
        }
        bar->cosine -= qa * dot;
    }
    out[0] = total;
    for (int k = 0; k < CAMERAS; k++) {
        const Turn *t = turns + k, *bar = bars + k;
        double along = 0.0;
        for (int i = 0; i < 3; i++)
            along += bar->axis[i] * t->axis[i];
        double angle_bar = bar->sine * t->cosine - bar->cosine * t->sine - along / t->angle;
        for (int i = 0; i < 3; i++)
            camera_slope[k * PARTS + i] = angle_bar * t->axis[i] + bar->axis[i] / t->angle;
    }
}
