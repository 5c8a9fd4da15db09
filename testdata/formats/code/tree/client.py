token = ("x8Q<~>dT2mZ"
         "x9L<~>k4VbR8<~>s")
password = os.environ["PASS" + "WORD"]
