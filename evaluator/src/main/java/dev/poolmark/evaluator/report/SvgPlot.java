package dev.poolmark.evaluator.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A small plot as inline SVG. What a point is, a browser shows where the mouse is. */
final class SvgPlot {

  private static final int LEFT = 60;
  private static final int BOTTOM = 40;

  /** A point; where low and high differ, with an interval. */
  private record Point(double x, double low, double y, double high, String title, boolean marked) {}

  private final String xLabel;
  private final String yLabel;
  private final List<Point> points = new ArrayList<>();
  private int width = 640;
  private int height = 300;

  SvgPlot(String xLabel, String yLabel) {
    this.xLabel = xLabel;
    this.yLabel = yLabel;
  }

  SvgPlot small() {
    width = 310;
    height = 200;
    return this;
  }

  void add(double x, double y, String title) {
    points.add(new Point(x, y, y, y, title, false));
  }

  void mark(double x, double y, String title) {
    points.add(new Point(x, y, y, y, title, true));
  }

  void interval(double x, double low, double y, double high, String title) {
    points.add(new Point(x, low, y, high, title, true));
  }

  /** The points; nothing where there are none. */
  String points() {
    return points.isEmpty() ? "" : drawn("");
  }

  /** The same with a line of steps from each point to the next, and to an end. */
  String steps(double end) {
    if (points.isEmpty()) {
      return "";
    }
    Frame frame = frame();
    StringBuilder path = new StringBuilder();
    for (Point point : points) {
      path.append(path.isEmpty() ? "M" : "H").append(number(frame.x(point.x())));
      path.append(path.indexOf("H") < 0 ? "," : "V").append(number(frame.y(point.y())));
    }
    path.append("H").append(number(Math.min(frame.x(end), width - 10.0)));
    return drawn("<path d=\"" + path + "\" fill=\"none\" stroke=\"#2a6f97\" stroke-width=\"2\"/>");
  }

  private record Frame(double minX, double maxX, double minY, double maxY, int width, int height) {
    double x(double value) {
      return LEFT + (value - minX) / (maxX - minX) * (width - LEFT - 20);
    }

    double y(double value) {
      return height - BOTTOM - (value - minY) / (maxY - minY) * (height - BOTTOM - 15);
    }
  }

  private Frame frame() {
    double minX = points.stream().mapToDouble(Point::x).min().orElseThrow();
    double maxX = points.stream().mapToDouble(Point::x).max().orElseThrow();
    double minY = points.stream().mapToDouble(Point::low).min().orElseThrow();
    double maxY = points.stream().mapToDouble(Point::high).max().orElseThrow();
    double roomX = Math.max(1e-3, 0.05 * (maxX - minX));
    double roomY = Math.max(1e-3, 0.05 * (maxY - minY));
    return new Frame(minX - roomX, maxX + roomX, minY - roomY, maxY + roomY, width, height);
  }

  private String drawn(String inside) {
    Frame frame = frame();
    StringBuilder svg = new StringBuilder();
    svg.append(
        String.format(
            Locale.ROOT,
            "<svg viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"img\"><title>%s by %s</title>",
            width,
            height,
            width,
            height,
            TuneHtml.escaped(yLabel),
            TuneHtml.escaped(xLabel)));
    svg.append(
        String.format(
            Locale.ROOT,
            "<path d=\"M%d,10V%dH%d\" fill=\"none\" stroke=\"#9aa7b3\"/>",
            LEFT,
            height - BOTTOM,
            width - 10));
    text(svg, LEFT - 6, frame.y(frame.minY()), "end", tick(frame.minY()));
    text(svg, LEFT - 6, frame.y(frame.maxY()) + 8, "end", tick(frame.maxY()));
    text(svg, LEFT, height - BOTTOM + 16, "start", tick(frame.minX()));
    text(svg, width - 10, height - BOTTOM + 16, "end", tick(frame.maxX()));
    text(svg, (LEFT + width) / 2.0, height - 8, "middle", xLabel);
    text(svg, LEFT + 6, 20, "start", yLabel);
    svg.append(inside);
    for (Point point : points) {
      if (point.low() < point.high()) {
        svg.append(
            String.format(
                Locale.ROOT,
                "<path d=\"M%.1f,%.1fV%.1f\" stroke=\"#c1440e\" stroke-width=\"2\"/>",
                frame.x(point.x()),
                frame.y(point.low()),
                frame.y(point.high())));
      }
      svg.append(
          String.format(
              Locale.ROOT,
              "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%d\" fill=\"%s\" fill-opacity=\".7\"><title>%s: %s, %s</title></circle>",
              frame.x(point.x()),
              frame.y(point.y()),
              point.marked() ? 6 : 4,
              point.marked() ? "#c1440e" : "#2a6f97",
              TuneHtml.escaped(point.title()),
              tick(point.x()),
              tick(point.y())));
    }
    return svg.append("</svg>").toString();
  }

  /** Bars from zero, a line each. */
  static String bars(Map<String, Double> values, String title) {
    double most = values.values().stream().mapToDouble(Math::abs).max().orElse(1);
    StringBuilder svg = new StringBuilder();
    int height = 30 + 22 * values.size();
    svg.append(
        String.format(
            Locale.ROOT,
            "<svg viewBox=\"0 0 640 %d\" width=\"640\" height=\"%d\" role=\"img\"><title>%s</title>",
            height,
            height,
            TuneHtml.escaped(title)));
    text(svg, 0, 16, "start", title);
    int y = 30;
    for (Map.Entry<String, Double> bar : values.entrySet()) {
      text(svg, 195, y + 13, "end", bar.getKey());
      svg.append(
          String.format(
              Locale.ROOT,
              "<rect x=\"200\" y=\"%d\" width=\"%.1f\" height=\"16\" fill=\"#2a6f97\"/>",
              y,
              most > 0 ? 340 * Math.max(0, bar.getValue()) / most : 0));
      text(svg, 630, y + 13, "end", tick(bar.getValue()));
      y += 22;
    }
    return svg.append("</svg>").toString();
  }

  private static void text(StringBuilder svg, double x, double y, String anchor, String text) {
    svg.append(
        String.format(
            Locale.ROOT,
            "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>",
            x,
            y,
            anchor,
            TuneHtml.escaped(text)));
  }

  private static String tick(double value) {
    return Math.abs(value) >= 100
        ? String.format(Locale.ROOT, "%.0f", value)
        : String.format(Locale.ROOT, "%.3g", value);
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }
}
