class Client {
    // One value over two literals.
    String apiKey = "b7W<~>dT2m" +
        "Zx9<~>Lk4VbR<~>8t";
    String message = "a long " + "message";
    String greeting = "hello," + name + "!";
}
